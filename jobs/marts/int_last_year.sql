-- mart: int_last_year
-- purpose: What was filed for the same month of last year by those whose history a firm goes on with
-- grain: form, period, credit_code, item, division
-- inputs: int_figures, lineage, owed
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | The month that looks back, its first day | 报告期
--   credit_code | code | The firm that looks back | 统一社会信用代码
--   item | code | Item, as in int_figures | 指标
--   division | code | Code of an industry row, as in int_figures; empty for other items | 行业代码
--   month_cny | CNY | The month, of all filers together; null in February | 上年同月
--   ytd_cny | CNY | January to the month, of all filers together | 上年1-本月
--   is_whole | flag | Whether each filer that was on the roster then and asked for the form has a report | 是否齐全
-- not_null: is_whole
-- rules: A firm's history is its own reports and, once it has changed its code or taken in another firm, the
--   predecessors' reports of the months before that (see lineage).
with
filed as (
    select form, period, period + interval '12 months' as looking_from
    from (select distinct form, period from int_figures) as months
),
filers as (
    select f.form, f.period, f.looking_from, l.credit_code, l.filer
    from filed as f
    join lineage as l
        on (l.until is null or f.period < l.until)
        and (l.since is null or l.since <= f.looking_from)
),
missing as (
    select distinct l.form, l.period, l.credit_code
    from filers as l
    join owed as o on o.form = l.form and o.period = l.period and o.credit_code = l.filer
    left join int_figures as r
        on r.form = l.form and r.period = l.period and r.credit_code = l.filer
    where r.credit_code is null
)
select
    l.form,
    l.looking_from as period,
    l.credit_code,
    f.item,
    f.division,
    sum(f.month_cny) as month_cny,
    sum(f.ytd_cny) as ytd_cny,
    min(m.credit_code) is null as is_whole
from filers as l
join int_figures as f on f.form = l.form and f.period = l.period and f.credit_code = l.filer
left join missing as m
    on m.form = l.form and m.period = l.period and m.credit_code = l.credit_code
group by l.form, l.looking_from, l.credit_code, f.item, f.division
