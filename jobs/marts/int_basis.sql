-- mart: int_basis
-- purpose: What enters the sums, this year's figures beside last year's of the same firms, one row a firm and item
-- grain: form, period, credit_code, item, division
-- inputs: int_figures, int_last_year, lineage, firms, restructurings, form_months
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item, as in int_figures | 指标
--   division | code | Code of an industry row, as in int_figures; empty for other items | 行业代码
--   spell_from | month | First month of the spell it counts under: the one in force, for a kept base the last | 在库起始月
--   is_reported | flag | Whether the firm reported; false for the kept base of one that left | 是否报送
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   comparable_month_cny | CNY | Of month_cny, what last year's figure stands against | 可比口径本年本月
--   comparable_ytd_cny | CNY | Of ytd_cny, what last year's figure stands against | 可比口径本年1-本月
--   prior_month_cny | CNY | The year before, the month, of the same rows; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, of the same rows | 上年同期1-本月
--   is_without_base | flag | Whether some of ytd_cny has no figure of last year against it | 是否缺基数
-- not_null: spell_from, is_reported, is_without_base
-- reconcile dropped_firms_stay_out:
--   select this.period, this.credit_code
--   from this
--   join firms on firms.credit_code = this.credit_code and firms.roster_from = this.spell_from
--   where not this.is_reported and firms.base_rule = 'drop'
-- reconcile nobody_on_the_roster_has_a_kept_base:
--   select this.period, this.credit_code
--   from this
--   join firms on firms.credit_code = this.credit_code and firms.roster_from <= this.period
--     and (firms.roster_to is null or this.period <= firms.roster_to)
--   where not this.is_reported
-- reconcile both_sides_or_neither:
--   select form, period, credit_code, item, division
--   from this
--   where (comparable_ytd_cny is null) <> (prior_ytd_cny is null)
--     or (comparable_month_cny is null) <> (prior_month_cny is null)
-- rules: Growth compares the figures of one and the same rows of reports (see int_figures); last year's
--   published totals play no part. A firm on the roster that did not report is on neither side.
--   A firm that left the roster earlier in the year and whose last spell's base_rule is `keep` (留基数) stays
--   on both sides for the rest of that year, as long as it is on no spell again and is nobody's
--   predecessor: this year with its last year-to-date figure (month 0), last year with what int_last_year
--   has for the month or, when that is not whole, with the prior-year column of its last report. One that
--   was due this year but never reported was on neither side before it left and stays off both. A firm
--   whose base_rule is `drop` is on neither side after it left.
with
filed as (
    select distinct form, period
    from int_figures
),
on_roster as (
    select distinct filed.period, firms.credit_code
    from filed
    join firms
        on firms.roster_from <= filed.period
        and (firms.roster_to is null or filed.period <= firms.roster_to)
),
taken_over as (
    select predecessor as credit_code, min(period) as period
    from restructurings
    where predecessor is not null
    group by predecessor
),
-- the last spell of who is off the roster, in every filed month to the end of the year it ended in
left_months as (
    select filed.form, filed.period, firms.credit_code, max(firms.roster_from) as spell_from
    from filed
    join firms
        on extract(year from filed.period) = extract(year from firms.roster_to)
        and filed.period > firms.roster_to
    left join on_roster as o on o.period = filed.period and o.credit_code = firms.credit_code
    left join taken_over as t on t.credit_code = firms.credit_code and t.period <= filed.period
    where o.credit_code is null and t.credit_code is null
    group by filed.form, filed.period, firms.credit_code
),
leavers as (
    select l.form, l.period, l.credit_code, l.spell_from, f.roster_to
    from left_months as l
    join firms as f on f.credit_code = l.credit_code and f.roster_from = l.spell_from
    where f.base_rule = 'keep'
),
-- what they, or those they went on from, reported earlier in the year
past as (
    select
        l.form, l.period, l.credit_code, f.period as past_period,
        f.item, f.division, f.ytd_cny, f.comparable_ytd_cny, f.prior_ytd_cny, f.is_without_base
    from leavers as l
    join lineage as a
        on a.credit_code = l.credit_code and (a.since is null or a.since <= l.period)
    join int_figures as f
        on f.form = l.form
        and f.credit_code = a.filer
        and f.period <= l.roster_to
        and (a.until is null or f.period < a.until)
        and extract(year from f.period) = extract(year from l.period)
),
last_reports as (
    select form, period, credit_code, max(past_period) as last_period
    from past
    group by form, period, credit_code
),
last_years as (
    select form, period, credit_code
    from int_last_year
    where is_whole
    group by form, period, credit_code
),
kept_months as (
    select l.*, r.last_period, y.credit_code is not null as has_last_year
    from leavers as l
    left join last_reports as r
        on r.form = l.form and r.period = l.period and r.credit_code = l.credit_code
    left join last_years as y
        on y.form = l.form and y.period = l.period and y.credit_code = l.credit_code
    -- who left in January had nothing to report before
    where r.last_period is not null or extract(month from l.roster_to) = 1
),
-- this year: the last report; who left in January stands at nothing
kept_levels as (
    select
        k.form,
        k.period,
        k.credit_code,
        k.spell_from,
        k.has_last_year,
        p.item,
        p.division,
        sum(p.ytd_cny) as ytd_cny,
        sum(p.comparable_ytd_cny) as comparable_ytd_cny,
        sum(p.prior_ytd_cny) as prior_ytd_cny,
        bool_or(p.is_without_base) as is_without_base
    from kept_months as k
    join past as p
        on p.form = k.form
        and p.period = k.period
        and p.credit_code = k.credit_code
        and p.past_period = k.last_period
    where p.ytd_cny is not null
    group by 1, 2, 3, 4, 5, 6, 7
    union all
    select
        k.form, k.period, k.credit_code, k.spell_from, k.has_last_year,
        y.item, y.division, 0, null, null, true
    from kept_months as k
    join int_last_year as y
        on y.form = k.form and y.period = k.period and y.credit_code = k.credit_code
    where k.last_period is null and k.has_last_year
),
kept as (
    select
        k.form,
        k.period,
        k.credit_code,
        k.item,
        k.division,
        k.spell_from,
        case when m.is_cumulative then null else 0 end as month_cny,
        k.ytd_cny,
        case when a.month_cny is not null then 0 end as comparable_month_cny,
        case
            when not k.has_last_year then k.comparable_ytd_cny
            when a.ytd_cny is not null then k.ytd_cny
        end as comparable_ytd_cny,
        a.month_cny as prior_month_cny,
        case when k.has_last_year then a.ytd_cny else k.prior_ytd_cny end as prior_ytd_cny,
        case when k.has_last_year then a.ytd_cny is null else k.is_without_base end
            as is_without_base
    from kept_levels as k
    left join form_months as m on m.form = k.form and m.month = extract(month from k.period)
    left join int_last_year as a
        on k.has_last_year
        and a.form = k.form
        and a.period = k.period
        and a.credit_code = k.credit_code
        and a.item = k.item
        and a.division = k.division
)
select
    form, period, credit_code, item, division, spell_from, true as is_reported,
    month_cny, ytd_cny, comparable_month_cny, comparable_ytd_cny, prior_month_cny, prior_ytd_cny,
    is_without_base
from int_figures
union all
select
    form, period, credit_code, item, division, spell_from, false as is_reported,
    month_cny, ytd_cny, comparable_month_cny, comparable_ytd_cny, prior_month_cny, prior_ytd_cny,
    is_without_base
from kept
