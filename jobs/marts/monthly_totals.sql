-- mart: monthly_totals
-- purpose: Output, sales and exports of each scope, month by month, on the comparable basis
-- grain: period, scope_kind, scope_id, item
-- inputs: int_scope_totals, int_scopes, int_basis, int_counted, firms, industries, observations, submissions
-- columns:
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district, zone, chain, industry, size or leading | 口径类别
--   scope_id | code | Region code, zone, chain, two-digit division, size class 1-4, or credit code | 口径代码
--   scope_name | text | Name of the scope in Chinese | 口径名称
--   item | code | output, sales or exports; in scope industry output only | 指标
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   prior_month_cny | CNY | The year before, the month, same firms; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, same firms | 上年同期1-本月
--   yoy_month | fraction | Growth of the month over the same month last year | 本月同比增速
--   yoy_ytd | fraction | Growth of the year to date over last year's | 累计同比增速
--   contribution_points | pp | Points by which the scope moves the district's year-to-date growth | 拉动百分点
--   contribution_share | fraction | Share of the district's increase; null when that is below 1 % | 贡献率
--   share_of_district | fraction | Share of the district's year to date | 占全区比重
--   firms_due | count | Firms of the scope on the roster and asked for the form | 应报企业数
--   firms_reported | count | Firms of the scope whose report counts | 已报企业数
--   firms_growing | count | Reporting firms whose year to date exceeds last year's | 增长企业数
--   scope_name_en | text | Name of the scope in English | 口径英文名称
-- not_null: scope_name, ytd_cny, prior_ytd_cny, firms_due, firms_reported, firms_growing
-- accepted scope_kind: district, zone, chain, industry, size, leading
-- accepted item: output, sales, exports
-- reconcile district_is_the_sum_of_counted_cells:
--   with
--   cells as (
--     select o.period, o.item, o.value
--     from observations as o
--     join submissions as s on s.submission_id = o.submission_id and s.form = o.form
--       and s.period = o.period and s.credit_code = o.credit_code
--     join firms as f on f.credit_code = o.credit_code
--     where s.is_current and o.form = 'B204-1' and o.measure = 'ytd'
--       and o.item in ('output', 'sales', 'exports')
--       and o.period >= f.roster_from and o.period <= coalesce(f.roster_to, o.period)
--     union all
--     select period, item, ytd_cny from int_basis
--     where form = 'B204-1' and not is_reported and item in ('output', 'sales', 'exports')
--   ),
--   expected as (select period, item, sum(value) as ytd_cny from cells group by period, item)
--   select e.period, e.item, e.ytd_cny as expected_cny, t.ytd_cny
--   from expected as e
--   left join this as t on t.period = e.period and t.item = e.item and t.scope_kind = 'district'
--   where t.ytd_cny is null or t.ytd_cny <> e.ytd_cny
-- reconcile sizes_add_up_to_the_district:
--   select period, item, sum(case scope_kind when 'size' then ytd_cny else -ytd_cny end) as difference_cny
--   from this
--   where scope_kind in ('size', 'district')
--   group by period, item
--   having sum(case scope_kind when 'size' then ytd_cny else -ytd_cny end) <> 0
-- reconcile points_of_sizes_add_up_to_the_growth:
--   select d.period, d.item, d.yoy_ytd, sum(s.contribution_points) as points
--   from this as d
--   join this as s on s.period = d.period and s.item = d.item and s.scope_kind = 'size'
--   where d.scope_kind = 'district' and d.yoy_ytd is not null
--   group by d.period, d.item, d.yoy_ytd
--   having abs(sum(s.contribution_points) - d.yoy_ytd * 100) > 0.0001
-- reconcile no_more_reports_than_firms_grow:
--   select period, scope_kind, scope_id, item, firms_growing, firms_reported
--   from this
--   where firms_growing > firms_reported
-- rules: Growth is this year's sum over last year's of the same reports (see int_basis), null when that is
--   zero or negative. Points are (X - X')/sum of the district's X' in per cent; the share is
--   (X - X')/sum(X - X'). A share is null when the district grows by less than 1 %: near or below zero it
--   misleads. Whoever belongs to an industry: firms whose main industry it is, and firms that report a row
--   in it. Months in which no report counts have no rows; a scope without any figure of an item has none.
with
totals as (
    select *
    from int_scope_totals
    where form = 'B204-1' and item in ('output', 'sales', 'exports') and scope_kind <> 'firm'
),
district as (
    select period, item, ytd_cny, prior_ytd_cny
    from totals
    where scope_kind = 'district'
),
filed as (
    select distinct period
    from totals
),
members as (
    select filed.period, s.scope_kind, s.scope_id, s.credit_code
    from int_scopes as s
    cross join filed
    where s.scope_kind <> 'firm'
    union
    select filed.period, 'industry', substr(firms.industry_code, 1, 2), firms.credit_code
    from firms
    cross join filed
    union
    select period, 'industry', division, credit_code
    from int_basis
    where form = 'B204-1' and item = 'industry' and is_reported
),
reports as (
    select distinct period, credit_code
    from int_counted
    where form = 'B204-1'
),
responses as (
    select
        m.period,
        m.scope_kind,
        m.scope_id,
        count(case when strpos(';' || f.forms || ';', ';B204-1;') > 0 then 1 end) as firms_due,
        count(r.credit_code) as firms_reported
    from members as m
    join firms as f
        on f.credit_code = m.credit_code
        and f.roster_from <= m.period
        and (f.roster_to is null or m.period <= f.roster_to)
    left join reports as r on r.period = m.period and r.credit_code = m.credit_code
    group by m.period, m.scope_kind, m.scope_id
),
names as (
    select distinct scope_kind, scope_id, scope_name, scope_name_en
    from int_scopes
    union all
    select 'industry', industry_code, name_zh, 'Division ' || industry_code
    from industries
    where length(industry_code) = 2
),
compared as (
    select
        t.*,
        d.ytd_cny as district_cny,
        d.prior_ytd_cny as district_prior_cny,
        case
            when d.prior_ytd_cny > 0
            then cast(d.ytd_cny as decimal(38, 6)) / nullif(d.prior_ytd_cny, 0) - 1
        end as district_yoy
    from totals as t
    join district as d on d.period = t.period and d.item = t.item
)
select
    c.period,
    c.scope_kind,
    c.scope_id,
    coalesce(n.scope_name, c.scope_id) as scope_name,
    c.item,
    c.month_cny,
    c.ytd_cny,
    c.prior_month_cny,
    c.prior_ytd_cny,
    case
        when c.prior_month_cny > 0
        then cast(c.month_cny as decimal(38, 6)) / nullif(c.prior_month_cny, 0) - 1
    end as yoy_month,
    case
        when c.prior_ytd_cny > 0
        then cast(c.ytd_cny as decimal(38, 6)) / nullif(c.prior_ytd_cny, 0) - 1
    end as yoy_ytd,
    case
        when c.district_prior_cny > 0
        then cast((c.ytd_cny - c.prior_ytd_cny) * 100 as decimal(38, 6))
            / nullif(c.district_prior_cny, 0)
    end as contribution_points,
    case
        when c.district_yoy >= 0.01
        then cast(c.ytd_cny - c.prior_ytd_cny as decimal(38, 6))
            / nullif(c.district_cny - c.district_prior_cny, 0)
    end as contribution_share,
    case
        when c.district_cny > 0
        then cast(c.ytd_cny as decimal(38, 6)) / nullif(c.district_cny, 0)
    end as share_of_district,
    coalesce(r.firms_due, 0) as firms_due,
    coalesce(r.firms_reported, 0) as firms_reported,
    c.firms_growing,
    coalesce(n.scope_name_en, 'Division ' || c.scope_id) as scope_name_en
from compared as c
left join responses as r
    on r.period = c.period and r.scope_kind = c.scope_kind and r.scope_id = c.scope_id
left join names as n on n.scope_kind = c.scope_kind and n.scope_id = c.scope_id
