-- mart: int_counted
-- purpose: Every money figure that counts: the current revision of each report of a firm on the roster, one row an item
-- grain: form, period, credit_code, item
-- inputs: observations, submissions, firms, lineage, form_months
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item of the form, with its code in open groups (industry:3714) | 指标
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   prior_month_cny | CNY | The year before, the month; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month | 上年同期1-本月
--   spell_from | month | First month of the spell in force; with credit_code the key of dim_firm_spell | 在库起始月
--   is_outside | flag | Whether it is supply to a buyer outside the roster of that month | 是否区外配套
-- not_null: spell_from, is_outside
-- reconcile one_report_counts:
--   select form, period, credit_code, count(*) as reports
--   from submissions
--   where is_current
--   group by form, period, credit_code
--   having count(*) > 1
-- reconcile one_figure_a_column:
--   select o.form, o.period, o.credit_code, o.item, o.measure, count(*) as figures
--   from observations as o
--   join submissions as s on s.submission_id = o.submission_id and s.form = o.form
--     and s.period = o.period and s.credit_code = o.credit_code
--   where s.is_current
--   group by o.form, o.period, o.credit_code, o.item, o.measure
--   having count(*) > 1
-- rules: A report counts when it is the current revision and its firm is on the roster in that month.
--   A buyer is inside when it is on the roster of that month, under its own code or that of the firm which
--   took it over by a change of code or a merger.
--   A month that covers those before it (cumulative_months of the form: February covers January) has no
--   month figures whatever a firm typed there. What is not in yuan is left out: quantities have units of
--   their own and are never added up.
with
reports as (
    select submission_id, period
    from submissions
    where is_current
),
-- who is meant by a buyer's code, month by month: the firm itself, or whoever goes on with it
inside as (
    select distinct r.period, l.filer as buyer_code
    from (select distinct period from reports) as r
    join lineage as l on l.since is null or l.since <= r.period
    join firms as f
        on f.credit_code = l.credit_code
        and f.roster_from <= r.period
        and (f.roster_to is null or r.period <= f.roster_to)
),
pivoted as (
    select
        o.form,
        o.period,
        o.credit_code,
        o.item,
        sum(case when o.measure = 'month' then o.value end) as month_cny,
        sum(case when o.measure = 'ytd' then o.value end) as ytd_cny,
        sum(case when o.measure = 'prior_month' then o.value end) as prior_month_cny,
        sum(case when o.measure = 'prior_ytd' then o.value end) as prior_ytd_cny
    from observations as o
    join reports as r on r.submission_id = o.submission_id and r.period = o.period
    where o.unit = '元'
    group by o.form, o.period, o.credit_code, o.item
)
select
    c.form,
    c.period,
    c.credit_code,
    c.item,
    case when m.is_cumulative then null else c.month_cny end as month_cny,
    c.ytd_cny,
    case when m.is_cumulative then null else c.prior_month_cny end as prior_month_cny,
    c.prior_ytd_cny,
    f.roster_from as spell_from,
    c.item like 'supply:%' and inside.buyer_code is null as is_outside
from pivoted as c
join firms as f
    on f.credit_code = c.credit_code
    and f.roster_from <= c.period
    and (f.roster_to is null or c.period <= f.roster_to)
left join form_months as m on m.form = c.form and m.month = extract(month from c.period)
left join inside on inside.period = c.period and inside.buyer_code = split_part(c.item, ':', 2)
