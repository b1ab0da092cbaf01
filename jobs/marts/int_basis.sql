-- mart: int_basis
-- purpose: What enters the sums, this year's figures beside last year's of the same firms, one row a firm and item
-- grain: form, period, credit_code, item, division
-- inputs: int_counted, firms
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item without the code of an open group: output, supply, industry | 指标
--   division | code | GB/T 4754 division of an industry row, two digits; empty for other items | 行业大类
--   is_reported | flag | Whether the firm reported; false for the kept base of one that left | 是否报送
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   comparable_month_cny | CNY | Of month_cny, what last year's figure stands against | 可比口径本年本月
--   comparable_ytd_cny | CNY | Of ytd_cny, what last year's figure stands against | 可比口径本年1-本月
--   prior_month_cny | CNY | The year before, the month, of the same rows; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, of the same rows | 上年同期1-本月
--   is_without_base | flag | Whether some of ytd_cny has no figure of last year against it | 是否缺基数
-- not_null: is_reported, is_without_base
-- reconcile dropped_firms_stay_out:
--   select this.period, this.credit_code
--   from this
--   join firms on firms.credit_code = this.credit_code
--   where firms.base_rule = 'drop' and this.period > firms.roster_to
-- reconcile both_sides_or_neither:
--   select form, period, credit_code, item, division
--   from this
--   where (comparable_ytd_cny is null) <> (prior_ytd_cny is null)
--     or (comparable_month_cny is null) <> (prior_month_cny is null)
-- rules: Missing is not zero. Growth compares the figures of one and the same rows of reports: a row that
--   lacks this year's or last year's figure is on neither side, its level counts all the same. Last year's
--   published totals play no part. A firm on the roster that did not report is on neither side.
--   A firm that left the roster earlier in the year and whose base_rule is `keep` (留基数) stays on both
--   sides for the rest of that year: this year with its last year-to-date figure (month 0), last year with
--   what it reported for that month then or, when that report is missing, with the prior-year column of its
--   last report. One that was due this year but never reported was on neither side before it left and stays
--   off both. A firm whose base_rule is `drop` is on neither side after it left.
with
figures as (
    select
        form,
        period,
        credit_code,
        split_part(item, ':', 1) as item,
        case when item like 'industry:%' then substr(split_part(item, ':', 2), 1, 2) else '' end
            as division,
        sum(month_cny) as month_cny,
        sum(ytd_cny) as ytd_cny,
        sum(case when prior_month_cny is not null then month_cny end) as comparable_month_cny,
        sum(case when prior_ytd_cny is not null then ytd_cny end) as comparable_ytd_cny,
        sum(case when month_cny is not null then prior_month_cny end) as prior_month_cny,
        sum(case when ytd_cny is not null then prior_ytd_cny end) as prior_ytd_cny,
        bool_or(ytd_cny is not null and prior_ytd_cny is null) as is_without_base
    from int_counted
    group by 1, 2, 3, 4, 5
),
reports as (
    select distinct form, period, credit_code
    from int_counted
),
filed as (
    select distinct form, period
    from int_counted
),
-- every filed month between a firm's leaving and the end of that year
left_months as (
    select filed.form, filed.period, firms.credit_code, firms.roster_to
    from filed
    join firms
        on extract(year from filed.period) = extract(year from firms.roster_to)
        and filed.period > firms.roster_to
    where firms.base_rule = 'keep'
),
last_reports as (
    select left_months.form, left_months.period, left_months.credit_code, max(reports.period) as last_period
    from left_months
    join reports
        on reports.form = left_months.form
        and reports.credit_code = left_months.credit_code
        and extract(year from reports.period) = extract(year from left_months.period)
        and reports.period <= left_months.roster_to
    group by left_months.form, left_months.period, left_months.credit_code
),
kept_months as (
    select
        l.form,
        l.period,
        l.credit_code,
        r.last_period,
        y.period as year_ago
    from left_months as l
    left join last_reports as r
        on r.form = l.form and r.period = l.period and r.credit_code = l.credit_code
    left join reports as y
        on y.form = l.form
        and y.credit_code = l.credit_code
        and y.period = l.period - interval '12 months'
    -- who left in January had nothing to report before
    where r.last_period is not null or extract(month from l.roster_to) = 1
),
-- this year: the last report; who left in January stands at nothing
kept_levels as (
    select
        k.form, k.period, k.credit_code, k.year_ago,
        f.item, f.division, f.ytd_cny, f.comparable_ytd_cny, f.prior_ytd_cny, f.is_without_base
    from kept_months as k
    join figures as f
        on f.form = k.form and f.credit_code = k.credit_code and f.period = k.last_period
    where f.ytd_cny is not null
    union all
    select
        k.form, k.period, k.credit_code, k.year_ago,
        f.item, f.division, 0, null, null, true
    from kept_months as k
    join figures as f
        on f.form = k.form and f.credit_code = k.credit_code and f.period = k.year_ago
    where k.last_period is null
),
kept as (
    select
        k.form,
        k.period,
        k.credit_code,
        k.item,
        k.division,
        case when extract(month from k.period) <> 2 then 0 end as month_cny,
        k.ytd_cny,
        case when a.month_cny is not null then 0 end as comparable_month_cny,
        case
            when k.year_ago is null then k.comparable_ytd_cny
            when a.ytd_cny is not null then k.ytd_cny
        end as comparable_ytd_cny,
        a.month_cny as prior_month_cny,
        case when k.year_ago is null then k.prior_ytd_cny else a.ytd_cny end as prior_ytd_cny,
        case when k.year_ago is null then k.is_without_base else a.ytd_cny is null end
            as is_without_base
    from kept_levels as k
    left join figures as a
        on a.form = k.form
        and a.credit_code = k.credit_code
        and a.period = k.year_ago
        and a.item = k.item
        and a.division = k.division
)
select
    form, period, credit_code, item, division, true as is_reported,
    month_cny, ytd_cny, comparable_month_cny, comparable_ytd_cny, prior_month_cny, prior_ytd_cny,
    is_without_base
from figures
union all
select
    form, period, credit_code, item, division, false as is_reported,
    month_cny, ytd_cny, comparable_month_cny, comparable_ytd_cny, prior_month_cny, prior_ytd_cny,
    is_without_base
from kept
