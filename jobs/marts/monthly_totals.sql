-- mart: monthly_totals
-- purpose: Output, sales and exports of each scope, month by month, on the comparable basis | 各范围分月产值、销售产值、出口交货值（可比口径）
-- grain: period, scope_kind, scope_id, item
-- inputs: int_scope_totals, int_coverage, int_basis, int_month_on_month, thresholds, form_months, firms,
--   observations, submissions, dim_zone, dim_chain
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district, zone, chain, industry_section, industry, industry_class, size or leading | 口径类别
--   scope_id | code | Region code, zone, chain, GB/T 4754 code (letter of the section, two-digit division, four-digit class), size class 1-4, or credit code | 口径代码
--   scope_name | text | Name of the scope in Chinese | 口径名称
--   item | code | output, sales or exports; in scopes of industries output only | 指标
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   prior_month_cny | CNY | The year before, the month, of what comparable_month_cny sums; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, of what comparable_ytd_cny sums | 上年同期1-本月
--   yoy_month | fraction | comparable_month_cny over prior_month_cny, less 1 | 本月同比增速
--   yoy_ytd | fraction | comparable_ytd_cny over prior_ytd_cny, less 1 | 累计同比增速
--   contribution_points | pp | Points by which the scope moves the district's year-to-date growth | 拉动百分点
--   contribution_share | fraction | Share of the district's increase; null when that is below 1 % | 贡献率
--   share_of_district | fraction | Share of the district's year to date | 占全区比重
--   firms_due | count | Firms of the scope that owe the form: on the roster and asked for it | 应报企业数
--   firms_reported | count | Firms of the scope whose report counts (accepted) | 通过企业数
--   firms_growing | count | Of firms_compared, those whose year to date exceeds last year's | 增长企业数
--   scope_name_en | text | Name of the scope in English | 口径英文名称
--   comparable_month_cny | CNY | Of month_cny, what has last year's figure against it | 可比口径本年本月
--   comparable_ytd_cny | CNY | Of ytd_cny, what has last year's figure against it | 可比口径本年1-本月
--   firms_compared | count | Reporting firms with this year's and last year's year to date | 可比企业数
--   firms_without_base | count | Firms whose year to date is not wholly in comparable_ytd_cny | 缺基数企业数
--   firms_received | count | Of firms_due, those of which any report came, whatever became of it | 已报企业数
--   reported_value_share | fraction | Last year's value of the firms due whose report counts, over that of all due; the share of firms where nobody has one | 已报份额
--   is_complete | flag | Whether reported_value_share reaches the setting complete_share_min | 是否完整
--   current_cny | CNY | ytd_cny less that of the month before, so that months sum to the year to date also where February covers January; null where the district has nothing of the month before | 当期
--   same_firms_month_cny | CNY | The month, of firms that gave a figure for it and for the month before | 两月可比企业本月
--   same_firms_previous_cny | CNY | The month before, of the same firms | 两月可比企业上月
--   month_on_month | fraction | same_firms_month_cny over same_firms_previous_cny, less 1 | 环比增速
--   months_falling_in_row | count | Filed months up to this one with yoy_month below zero (yoy_ytd in February) | 连续下降月数
--   scope_kind_zh | text | scope_kind in Chinese | 口径类别中文
--   item_zh | text | item in Chinese | 指标中文
--   yoy_change_points | pp | Change of yoy_ytd since the filed month before | 增速变动百分点
--   contribution_change | pp | Change of contribution_points since the filed month before | 拉动变动百分点
--   display_order | number | Place of a zone or chain in lists, from 1; null for other scopes | 排列次序
-- not_null: scope_kind_zh, item_zh, months_falling_in_row, scope_name, firms_due, firms_received, firms_reported, firms_growing, firms_compared, firms_without_base, is_complete
-- accepted scope_kind: district, zone, chain, industry_section, industry, industry_class, size, leading
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
--   where t.period is null or t.ytd_cny is distinct from e.ytd_cny
-- reconcile sizes_add_up_to_the_district:
--   select period, item, sum(case scope_kind when 'size' then ytd_cny else -ytd_cny end) as difference_cny
--   from this
--   where scope_kind in ('size', 'district')
--   group by period, item
--   having sum(case scope_kind when 'size' then ytd_cny else -ytd_cny end) <> 0
-- reconcile bases_of_sizes_add_up_to_the_district:
--   select period, item, sum(case scope_kind when 'size' then prior_ytd_cny else -prior_ytd_cny end) as difference_cny
--   from this
--   where scope_kind in ('size', 'district')
--   group by period, item
--   having sum(case scope_kind when 'size' then prior_ytd_cny else -prior_ytd_cny end) <> 0
-- reconcile points_of_sizes_add_up_to_the_growth:
--   select d.period, d.item, d.yoy_ytd, sum(s.contribution_points) as points
--   from this as d
--   join this as s on s.period = d.period and s.item = d.item and s.scope_kind = 'size'
--   where d.scope_kind = 'district' and d.yoy_ytd is not null
--   group by d.period, d.item, d.yoy_ytd
--   having abs(sum(s.contribution_points) - d.yoy_ytd * 100) > 0.0001
-- reconcile current_sums_to_the_year_to_date:
--   select t.period, t.item, t.ytd_cny, sum(o.current_cny) as sum_cny
--   from this as t
--   join this as o on o.scope_kind = 'district' and o.item = t.item and o.period <= t.period
--     and extract(year from o.period) = extract(year from t.period)
--   where t.scope_kind = 'district'
--   group by t.period, t.item, t.ytd_cny
--   having count(*) = count(o.current_cny) and sum(o.current_cny) <> t.ytd_cny
-- reconcile sections_divisions_and_classes_are_the_same_sums:
--   select s.period, s.ytd_cny as sections_cny, d.ytd_cny as divisions_cny, c.ytd_cny as classes_cny
--   from (select period, sum(ytd_cny) as ytd_cny from this where scope_kind = 'industry_section' group by period) as s
--   join (select period, sum(ytd_cny) as ytd_cny from this where scope_kind = 'industry' group by period) as d
--     on d.period = s.period
--   join (select period, sum(ytd_cny) as ytd_cny from this where scope_kind = 'industry_class' group by period) as c
--     on c.period = s.period
--   where (s.ytd_cny is distinct from d.ytd_cny) or (c.ytd_cny is distinct from d.ytd_cny)
-- reconcile no_more_reports_than_firms_grow:
--   select period, scope_kind, scope_id, item, firms_growing, firms_compared, firms_reported
--   from this
--   where firms_growing > firms_compared or firms_compared > firms_reported
-- rules: Levels sum whatever is there. Growth, points and shares of growth stand on the comparable basis:
--   with X = comparable_ytd_cny and X' = prior_ytd_cny, growth is X/X' - 1, null where nobody has a base or
--   X' is zero or negative; points are (X - X')/the district's X' in per cent; the share is (X - X')/the
--   district's (X - X'), null when the district grows by less than contribution_growth_min of the settings
--   (1 %): near or below zero it misleads.
--   Missing is not zero: a report without last year's figure is in the level and on neither side of growth
--   (see int_basis); firms_without_base counts these. Whoever belongs to an industry: firms whose main
--   industry it is, and firms that report a row in it, so that a firm with rows of several industries is
--   one of each and adds to each what its rows say of it; sections, divisions and classes are the same
--   rows put together more or less finely. Who reports no row of an industry is in no industry's sum, and
--   rows may differ from 01 within the tolerance of rule H5. Months in which no report counts have no rows; a
--   scope without any figure of an item has none. A firm counts where the spell puts it that is in force in
--   the month. What is due, received and complete is told in int_coverage.
--   current_cny is the change of a sum, not a sum of changes: firms that moved, left or are missing this
--   month are in it, and so is what firms corrected of earlier months. Where a scope has no figure of the
--   month before and the district has, it counts from zero. To compare months use month_on_month.
--   | 总量汇总现有全部数据。增速、拉动、贡献率按可比口径：X 为 comparable_ytd_cny，X' 为 prior_ytd_cny，增速 = X/X' - 1，无基数或 X' 不大于零时为空；拉动 = (X - X')/全区 X'，以百分点计；贡献率 = (X - X')/全区 (X - X')，全区增速低于 contribution_growth_min（1%）时为空，以免误导。空缺不是零：没有上年数的报表计入总量，不进增速的任何一边，其数目见 firms_without_base。行业范围含主行业属于它和报有其行业行的企业。没有计入报表的月份无行；某范围没有该指标的数据则无行。企业按当月有效的名录段归类。应报、实报、齐全与否见 int_coverage。current_cny 是合计之差，企业变动、退出、缺报和更正都在其中；本范围上月无数而全区有数时从零起算。月与月比较请用 month_on_month。
with
totals as (
    select *
    from int_scope_totals
    where form = 'B204-1' and item in ('output', 'sales', 'exports')
),
district as (
    select period, item, ytd_cny, comparable_ytd_cny, prior_ytd_cny, yoy_ytd
    from totals
    where scope_kind = 'district'
),
compared as (
    select
        t.*,
        d.ytd_cny as district_cny,
        d.prior_ytd_cny as district_prior_cny,
        d.comparable_ytd_cny - d.prior_ytd_cny as district_change_cny,
        d.yoy_ytd as district_yoy,
        ratio((t.comparable_ytd_cny - t.prior_ytd_cny) * 100, d.prior_ytd_cny) as points
    from totals as t
    join district as d on d.period = t.period and d.item = t.item
),
before as (
    select scope_kind, scope_id, item, ytd_cny, period + interval '1 month' as next_period
    from totals
    where extract(month from period) < 12
),
falling as (
    select
        *,
        sum(case when is_falling then 0 else 1 end) over (
            partition by scope_kind, scope_id, item
            order by period
            rows between unbounded preceding and current row
        ) as run
    from (
        select
            period,
            scope_kind,
            scope_id,
            item,
            coalesce(case when m.is_cumulative then yoy_ytd else yoy_month end < 0, false) as is_falling
        from totals
        left join form_months as m
            on m.form = totals.form and m.month = extract(month from totals.period)
    )
),
fallen as (
    select
        period,
        scope_kind,
        scope_id,
        item,
        sum(case when is_falling then 1 else 0 end) over (
            partition by scope_kind, scope_id, item, run
            order by period
            rows between unbounded preceding and current row
        ) as months_falling_in_row
    from falling
)
select
    c.period,
    c.scope_kind,
    c.scope_id,
    c.scope_name,
    c.item,
    c.month_cny,
    c.ytd_cny,
    c.prior_month_cny,
    c.prior_ytd_cny,
    c.yoy_month,
    c.yoy_ytd,
    c.points as contribution_points,
    case
        when c.district_yoy >= t.contribution_growth_min
        then ratio(c.comparable_ytd_cny - c.prior_ytd_cny, c.district_change_cny)
    end as contribution_share,
    ratio(c.ytd_cny, c.district_cny) as share_of_district,
    coalesce(r.firms_due, 0) as firms_due,
    coalesce(r.firms_reported, 0) as firms_reported,
    c.firms_growing,
    c.scope_name_en,
    c.comparable_month_cny,
    c.comparable_ytd_cny,
    c.firms_compared,
    c.firms_without_base,
    coalesce(r.firms_received, 0) as firms_received,
    r.reported_value_share,
    coalesce(r.is_complete, true) as is_complete,
    case
        when m.is_cumulative or extract(month from c.period) = 1 then c.ytd_cny
        when whole.ytd_cny is not null then c.ytd_cny - coalesce(b.ytd_cny, 0)
    end as current_cny,
    o.same_firms_month_cny,
    o.same_firms_previous_cny,
    growth(o.same_firms_month_cny, o.same_firms_previous_cny) as month_on_month,
    f.months_falling_in_row,
    case c.scope_kind
        when 'district' then '全区'
        when 'zone' then '开发区'
        when 'chain' then '产业链'
        when 'industry_section' then '行业门类'
        when 'industry' then '行业大类'
        when 'industry_class' then '行业小类'
        when 'size' then '企业规模'
        else '龙头企业'
    end as scope_kind_zh,
    case c.item
        when 'output' then '工业总产值'
        when 'sales' then '工业销售产值'
        else '出口交货值'
    end as item_zh,
    (c.yoy_ytd - lag(c.yoy_ytd) over series) * 100 as yoy_change_points,
    c.points - lag(c.points) over series as contribution_change,
    coalesce(z.display_order, h.display_order) as display_order
from compared as c
cross join thresholds as t
left join form_months as m on m.form = c.form and m.month = extract(month from c.period)
left join before as b
    on b.next_period = c.period
    and b.scope_kind = c.scope_kind
    and b.scope_id = c.scope_id
    and b.item = c.item
left join before as whole
    on whole.next_period = c.period and whole.scope_kind = 'district' and whole.item = c.item
left join int_month_on_month as o
    on o.period = c.period
    and o.scope_kind = c.scope_kind
    and o.scope_id = c.scope_id
    and o.item = c.item
left join fallen as f
    on f.period = c.period
    and f.scope_kind = c.scope_kind
    and f.scope_id = c.scope_id
    and f.item = c.item
left join dim_zone as z on c.scope_kind = 'zone' and z.zone = c.scope_id
left join dim_chain as h on c.scope_kind = 'chain' and h.chain = c.scope_id
left join int_coverage as r
    on r.form = c.form
    and r.period = c.period
    and r.scope_kind = c.scope_kind
    and r.scope_id = c.scope_id
    and r.item = c.item
window series as (partition by c.scope_kind, c.scope_id, c.item order by c.period)
