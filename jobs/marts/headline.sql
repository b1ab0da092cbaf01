-- mart: headline
-- purpose: What the brief says in its first paragraphs, one row a month | 月报首段所述，一月一行
-- grain: period
-- inputs: int_scope_totals, int_basis, monthly_totals, firm_months, dim_firm, feedback, district, qualifications,
--   service_kpis, projects
-- columns:
--   period | month | Month reported, its first day | 报告期
--   output_month_cny | CNY | Output of the month; null in February | 本月产值
--   output_ytd_cny | CNY | Output, January to the month | 累计产值
--   yoy_month | fraction | output_comparable_month_cny over output_prior_month_cny, less 1 | 本月同比增速
--   yoy_ytd | fraction | output_comparable_ytd_cny over output_prior_ytd_cny, less 1 | 累计同比增速
--   previous_yoy_ytd | fraction | The same as of the filed month before | 上月累计增速
--   yoy_change_points | pp | Change of the growth since the filed month before | 增速变动百分点
--   sales_ytd_cny | CNY | Sales, January to the month | 累计销售产值
--   sales_yoy_ytd | fraction | sales_comparable_ytd_cny over sales_prior_ytd_cny, less 1 | 销售产值累计增速
--   sales_ratio_ytd | fraction | ratio_sales_ytd_cny over ratio_output_ytd_cny | 累计产销率
--   exports_ytd_cny | CNY | Exports, January to the month | 累计出口交货值
--   exports_yoy_ytd | fraction | exports_comparable_ytd_cny over exports_prior_ytd_cny, less 1 | 出口交货值累计增速
--   firms_due | count | Firms that owe the report | 应报企业数
--   firms_reported | count | Firms whose report counts (accepted) | 通过企业数
--   response_rate | fraction | firms_received over firms_due: whose report came | 上报率
--   firms_growing | count | Of firms_compared, those whose output grew, year to date | 增长企业数
--   growth_breadth | fraction | Growing over compared | 增长面
--   zones_ytd_cny | CNY | Output of the firms in development zones, year to date | 开发区累计产值
--   zones_share | fraction | Their share of the district | 开发区占比
--   previous_year | number | The year before | 上年
--   previous_year_output_cny | CNY | Its full-year output, from December's reports | 上年全年产值
--   previous_year_zones_cny | CNY | Its full-year output of the zones | 上年全年开发区产值
--   previous_year_zones_share | fraction | The zones' share in it | 上年全年开发区占比
--   feedback_ytd_cny | CNY | The higher bureau's figure for output, year to date | 反馈累计产值
--   feedback_yoy_ytd | fraction | The higher bureau's growth of output, year to date | 反馈累计增速
--   share_falling | fraction | Falling over compared | 下降面
--   output_comparable_month_cny | CNY | Of output_month_cny, what has last year's figure against it | 可比口径本月产值
--   output_prior_month_cny | CNY | Output of the month last year, same firms; null in February | 上年同期本月产值
--   output_comparable_ytd_cny | CNY | Of output_ytd_cny, what has last year's figure against it | 可比口径累计产值
--   output_prior_ytd_cny | CNY | Output last year to date, same firms | 上年同期累计产值
--   sales_comparable_ytd_cny | CNY | Of sales_ytd_cny, what has last year's figure against it | 可比口径累计销售产值
--   sales_prior_ytd_cny | CNY | Sales last year to date, same firms | 上年同期累计销售产值
--   exports_comparable_ytd_cny | CNY | Of exports_ytd_cny, what has last year's figure against it | 可比口径累计出口交货值
--   exports_prior_ytd_cny | CNY | Exports last year to date, same firms | 上年同期累计出口交货值
--   ratio_sales_ytd_cny | CNY | Sales of the firms with sales and output, year to date | 产销率分子
--   ratio_output_ytd_cny | CNY | Output of the same firms, year to date | 产销率分母
--   firms_compared | count | Reporting firms with output of this year and last year to date | 可比企业数
--   firms_falling | count | Of firms_compared, those whose output fell, year to date | 下降企业数
--   firms_without_base | count | Firms whose output is in the level and not in its growth | 缺基数企业数
--   firms_received | count | Firms that owe the report and of which any came, whatever became of it | 已报企业数
--   accepted_rate | fraction | firms_reported over firms_due: whose report counts | 通过率
--   reported_value_share | fraction | Last year's output of the firms due whose report counts, over that of all due; the share of firms where nobody has one | 已报份额
--   is_complete | flag | Whether reported_value_share reaches the setting complete_share_min | 是否完整
--   output_month_on_month | fraction | Output of the month over that of the month before, same firms, less 1 | 产值环比增速
--   city_yoy_ytd | fraction | The city's growth of output, year to date, as the higher bureau has it | 全市累计增速
--   city_difference_points | pp | yoy_ytd less city_yoy_ytd | 与全市增速差百分点
--   province_yoy_ytd | fraction | The province's growth of output, year to date | 全省累计增速
--   province_difference_points | pp | yoy_ytd less province_yoy_ytd | 与全省增速差百分点
--   leading_ytd_cny | CNY | Output of the leading firms, year to date | 龙头企业累计产值
--   leading_yoy_ytd | fraction | Its growth, same firms | 龙头企业累计增速
--   leading_contribution_points | pp | Points by which they move the district's growth | 龙头企业拉动百分点
--   leading_share | fraction | Their share of the district | 龙头企业占比
--   firms_stopped | count | Reporting firms whose output of the month is zero; null in February | 停产企业数
--   firms_new | count | Reporting firms that came on the roster this year | 新增企业数
--   new_ytd_cny | CNY | Their output, year to date | 新增企业累计产值
--   firms_left | count | Firms on the roster this year that have left it before this month | 退出企业数
--   qualified_firms | count | Firms with at least one qualification valid at the month's end | 持有资质企业数
--   qualifications | text | Valid qualifications at the month's end by kind, most first, each with its firms | 各类资质企业数
--   requests_raised_total | count | Requests of firms raised since the ledger began | 历年受理诉求
--   requests_closed_total | count | Of these, those solved by the month's end | 历年办结诉求
--   requests_raised_ytd | count | Requests raised since January | 累计受理诉求
--   requests_closing_rate | fraction | Closed of them over raised | 办结率
--   requests_on_time_rate | fraction | Closed on time over due since January | 按时办结率
--   requests_open_overdue | count | Due and not closed at the month's end | 超期未办结
--   visits | count | Visits of leaders to firms in the month | 走访次数
--   leaders_due | count | Leaders who were to visit firms in the month | 应走访领导数
--   leaders_visiting | count | Of these, those who did | 已走访领导数
--   projects_returned | count | Returning projects (六个回归) that produce at the month's end | 已回归投产项目数
--   projects_to_return | count | Returning projects that are signed or being built | 待投产回归项目数
--   projects_attracted | count | Attracted projects (招商引资) known at the month's end, whatever their stage | 招商引资项目数
--   projects_output_to_come_cny | CNY | Output a year at capacity of all projects that do not produce yet | 在建和签约项目达产年产值
-- not_null: firms_new, firms_left, firms_due, firms_received, firms_reported, is_complete, firms_growing, firms_compared, firms_falling, firms_without_base, previous_year
-- reconcile output_is_that_of_monthly_totals:
--   select this.period from this
--   left join monthly_totals as t
--     on t.period = this.period and t.scope_kind = 'district' and t.item = 'output'
--   where t.period is null or t.ytd_cny is distinct from this.output_ytd_cny
-- rules: The filed month before may be last December. The higher bureau's figures stand beside ours, never
--   over them. Last year's full-year figures are its own published sums; growth never uses them.
--   Levels sum whatever is there; growth and breadth leave out whose base is missing (see monthly_totals),
--   the ratio of sales to output whoever lacks one of the two. Requests, visits and projects are null before
--   the first ledger that has any; see service_kpis, projects and qualifications.
--   | 上一个报送月可以是去年12月。上级数与本区数并列，互不覆盖。上年全年数是其当年公布的合计，增速从不使用它。总量汇总现有全部数据；增速和增长面不含缺基数的企业（见 monthly_totals），产销率不含两项缺一的企业。诉求、走访、项目在有第一本台账之前为空。
with
totals as (
    select *
    from monthly_totals
    where scope_kind = 'district'
),
output as (
    select
        *,
        lag(yoy_ytd) over (order by period) as previous_yoy_ytd,
        cast(extract(year from period) as int) - 1 as previous_year
    from totals
    where item = 'output'
),
falling as (
    select period, firms_falling
    from int_scope_totals
    where form = 'B204-1' and scope_kind = 'district' and item = 'output'
),
both_known as (
    select output.period, sum(sales.ytd_cny) as sales_cny, sum(output.ytd_cny) as output_cny
    from int_basis as output
    join int_basis as sales
        on sales.form = output.form
        and sales.period = output.period
        and sales.credit_code = output.credit_code
    where output.form = 'B204-1' and output.item = 'output' and sales.item = 'sales'
        and output.ytd_cny is not null and sales.ytd_cny is not null
    group by output.period
),
zones as (
    select period, sum(ytd_cny) as ytd_cny
    from monthly_totals
    where scope_kind = 'zone' and item = 'output'
    group by period
),
years as (
    select
        cast(extract(year from output.period) as int) as year,
        output.ytd_cny as output_cny,
        zones.ytd_cny as zones_cny
    from output
    left join zones on zones.period = output.period
    where extract(month from output.period) = 12
),
leading as (
    select
        period,
        sum(ytd_cny) as ytd_cny,
        growth(sum(comparable_ytd_cny), sum(prior_ytd_cny)) as yoy_ytd,
        sum(contribution_points) as contribution_points,
        sum(share_of_district) as share_of_district
    from monthly_totals
    where scope_kind = 'leading' and item = 'output'
    group by period
),
changed as (
    select
        period,
        sum(case when output_month_cny = 0 then 1 else 0 end) as firms_stopped,
        sum(case when is_new and output_ytd_cny is not null then 1 else 0 end) as firms_new,
        sum(case when is_new then output_ytd_cny end) as new_ytd_cny
    from firm_months
    group by period
),
gone as (
    select output.period, count(dim_firm.credit_code) as firms_left
    from output
    left join dim_firm
        on dim_firm.roster_to < output.period
        and extract(year from dim_firm.roster_to) = extract(year from output.period)
    group by output.period
),
told as (
    select
        f.period,
        max(case when f.scope_kind = 'district' then f.ytd_cny end) as ytd_cny,
        max(case when f.scope_kind = 'district' then f.yoy_ytd end) as yoy_ytd,
        max(case when f.scope_kind = 'city' then f.yoy_ytd end) as city_yoy_ytd,
        max(case when f.scope_kind = 'province' then f.yoy_ytd end) as province_yoy_ytd
    from feedback as f
    join district as d
        on (f.scope_kind = 'district' and f.scope_id = d.region_code)
        or (f.scope_kind = 'city' and f.scope_id = substr(d.region_code, 1, 4) || '00')
        or (f.scope_kind = 'province' and f.scope_id = substr(d.region_code, 1, 2) || '0000')
    where f.item = 'output'
    group by f.period
),
-- `qualifications` here is the seed
held as (
    select o.period, q.kind, q.credit_code
    from output as o
    join qualifications as q
        on q.awarded_on < o.period + interval '1 month'
        and (q.expires_on is null or q.expires_on + interval '1 day' >= o.period + interval '1 month')
),
qualified as (
    select period, count(distinct credit_code) as firms
    from held
    group by period
),
kinds as (
    select period, string_agg(kind || firms, '、' order by firms desc, kind) as told
    from (
        select period, kind, count(distinct credit_code) as firms
        from held
        group by period, kind
    )
    group by period
),
stages as (
    select
        period,
        count(case when kind = 'returning' and stage = 'producing' then 1 end) as returned,
        count(case when kind = 'returning' and stage <> 'producing' then 1 end) as to_return,
        count(case when kind = 'attracted' then 1 end) as attracted,
        sum(case when stage <> 'producing' then output_at_capacity_cny end) as to_come_cny
    from projects
    group by period
)
select
    o.period,
    o.month_cny as output_month_cny,
    o.ytd_cny as output_ytd_cny,
    o.yoy_month,
    o.yoy_ytd,
    o.previous_yoy_ytd,
    (o.yoy_ytd - o.previous_yoy_ytd) * 100 as yoy_change_points,
    s.ytd_cny as sales_ytd_cny,
    s.yoy_ytd as sales_yoy_ytd,
    ratio(both_known.sales_cny, both_known.output_cny) as sales_ratio_ytd,
    e.ytd_cny as exports_ytd_cny,
    e.yoy_ytd as exports_yoy_ytd,
    o.firms_due,
    o.firms_reported,
    ratio(o.firms_received, o.firms_due) as response_rate,
    o.firms_growing,
    ratio(o.firms_growing, o.firms_compared) as growth_breadth,
    zones.ytd_cny as zones_ytd_cny,
    ratio(zones.ytd_cny, o.ytd_cny) as zones_share,
    o.previous_year,
    years.output_cny as previous_year_output_cny,
    years.zones_cny as previous_year_zones_cny,
    ratio(years.zones_cny, years.output_cny) as previous_year_zones_share,
    told.ytd_cny as feedback_ytd_cny,
    told.yoy_ytd as feedback_yoy_ytd,
    ratio(falling.firms_falling, o.firms_compared) as share_falling,
    o.comparable_month_cny as output_comparable_month_cny,
    o.prior_month_cny as output_prior_month_cny,
    o.comparable_ytd_cny as output_comparable_ytd_cny,
    o.prior_ytd_cny as output_prior_ytd_cny,
    s.comparable_ytd_cny as sales_comparable_ytd_cny,
    s.prior_ytd_cny as sales_prior_ytd_cny,
    e.comparable_ytd_cny as exports_comparable_ytd_cny,
    e.prior_ytd_cny as exports_prior_ytd_cny,
    both_known.sales_cny as ratio_sales_ytd_cny,
    both_known.output_cny as ratio_output_ytd_cny,
    o.firms_compared,
    falling.firms_falling,
    o.firms_without_base,
    o.firms_received,
    ratio(o.firms_reported, o.firms_due) as accepted_rate,
    o.reported_value_share,
    o.is_complete,
    o.month_on_month as output_month_on_month,
    told.city_yoy_ytd,
    (o.yoy_ytd - told.city_yoy_ytd) * 100 as city_difference_points,
    told.province_yoy_ytd,
    (o.yoy_ytd - told.province_yoy_ytd) * 100 as province_difference_points,
    leading.ytd_cny as leading_ytd_cny,
    leading.yoy_ytd as leading_yoy_ytd,
    leading.contribution_points as leading_contribution_points,
    leading.share_of_district as leading_share,
    case when o.month_cny is not null then changed.firms_stopped end as firms_stopped,
    coalesce(changed.firms_new, 0) as firms_new,
    changed.new_ytd_cny,
    gone.firms_left,
    qualified.firms as qualified_firms,
    kinds.told as qualifications,
    k.raised_total as requests_raised_total,
    k.closed_total as requests_closed_total,
    k.raised_ytd as requests_raised_ytd,
    k.closing_rate as requests_closing_rate,
    k.on_time_rate as requests_on_time_rate,
    k.open_overdue as requests_open_overdue,
    k.visits,
    k.leaders_due,
    k.leaders_visiting,
    stages.returned as projects_returned,
    stages.to_return as projects_to_return,
    stages.attracted as projects_attracted,
    stages.to_come_cny as projects_output_to_come_cny
from output as o
left join totals as s on s.period = o.period and s.item = 'sales'
left join totals as e on e.period = o.period and e.item = 'exports'
left join falling on falling.period = o.period
left join both_known on both_known.period = o.period
left join zones on zones.period = o.period
left join years on years.year = o.previous_year
left join told on told.period = o.period
left join leading on leading.period = o.period
left join changed on changed.period = o.period
left join gone on gone.period = o.period
left join qualified on qualified.period = o.period
left join kinds on kinds.period = o.period
left join service_kpis as k on k.period = o.period and k.level = 'all'
left join stages on stages.period = o.period
