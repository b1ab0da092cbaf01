-- mart: int_full_years
-- purpose: What each firm of the comparable basis made in the whole of the year before
-- grain: form, period, credit_code, item, division
-- inputs: int_basis, int_figures, lineage, owed, restructurings
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item without the code of an open group | 指标
--   division | code | Code of an industry row, as in int_figures; empty for other items | 行业代码
--   full_year_cny | CNY | Last year from January to December; null when not known | 上年全年
-- reconcile december_knows_the_year_before:
--   select form, period, credit_code, item, division from this
--   where extract(month from period) = 12 and full_year_cny is null
-- rules: One row for each row of int_basis that compares two years. The full year is last December's year
--   to date, of whoever filed then what is now the firm's history: the firm itself and, where a change of
--   code or a merger is in force, its predecessors. It is not known when one of those that owed the report
--   has none, after a split or a new base, and where only a part of the row has a base. December's own
--   prior-year column is the full year, whatever was filed last year.
with
compared as (
    select
        form, period, credit_code, item, division, prior_ytd_cny, is_without_base,
        make_date(cast(extract(year from period) as int) - 1, 12, 1) as december
    from int_basis
    where prior_ytd_cny is not null
),
decembers as (
    select form, period, credit_code, item, division, ytd_cny
    from int_figures
    where ytd_cny is not null and extract(month from period) = 12
),
-- a firm that reports a row in one division reports all of its industries
filed as (
    select distinct form, period, credit_code, item
    from decembers
),
stated as (
    select distinct c.period, c.credit_code
    from compared as c
    join restructurings as r
        on r.credit_code = c.credit_code
        and r.kind in ('split', 'base')
        and r.period <= c.period
        and c.period < r.period + interval '12 months'
),
parts as (
    select
        c.form, c.period, c.credit_code, c.item, c.division,
        d.ytd_cny,
        o.credit_code is not null and f.credit_code is null as is_missing
    from compared as c
    join lineage as l
        on l.credit_code = c.credit_code
        and (l.since is null or l.since <= c.period)
        and (l.until is null or c.december < l.until)
    left join decembers as d
        on d.form = c.form and d.period = c.december and d.credit_code = l.filer
        and d.item = c.item and d.division = c.division
    left join filed as f
        on f.form = c.form and f.period = c.december and f.credit_code = l.filer and f.item = c.item
    left join owed as o
        on o.form = c.form and o.period = c.december and o.credit_code = l.filer
),
found as (
    select
        form, period, credit_code, item, division,
        case when not bool_or(is_missing) then sum(ytd_cny) end as full_year_cny
    from parts
    group by form, period, credit_code, item, division
)
select
    c.form,
    c.period,
    c.credit_code,
    c.item,
    c.division,
    case
        when extract(month from c.period) = 12 then c.prior_ytd_cny
        when s.credit_code is null and not c.is_without_base then found.full_year_cny
    end as full_year_cny
from compared as c
left join found
    on found.form = c.form and found.period = c.period and found.credit_code = c.credit_code
    and found.item = c.item and found.division = c.division
left join stated as s on s.period = c.period and s.credit_code = c.credit_code
