-- mart: monthly_totals
-- purpose: Output, sales and exports of the district and its zones, month by month
-- grain: period, scope_kind, scope_id, item
-- inputs: observations, submissions, firms
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district or zone | 口径类别
--   scope_id | code | all, or the zone | 口径代码
--   item | code | output, sales or exports | 指标
--   month_cny | CNY | This year, the month | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   prior_month_cny | CNY | The year before, the month | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month | 上年同期1-本月
--   yoy_month | fraction | month_cny over prior_month_cny, less 1 | 本月同比增速
--   yoy_ytd | fraction | ytd_cny over prior_ytd_cny, less 1 | 累计同比增速
--   contribution_points | pp | Points of the district's growth | 拉动百分点
-- reconcile the_district_has_what_its_firms_have:
--   select t.period, t.item
--   from this as t
--   join observations as o on o.period = t.period and o.item = t.item and o.measure = 'ytd'
--   join submissions as s on s.submission_id = o.submission_id and s.is_current
--   where t.scope_kind = 'district'
--   group by t.period, t.item, t.ytd_cny
--   having sum(o.value) <> t.ytd_cny
with
counted as (
    select
        o.period,
        o.item,
        f.zone,
        sum(case when o.measure = 'month' then o.value end) as month_cny,
        sum(case when o.measure = 'ytd' then o.value end) as ytd_cny,
        sum(case when o.measure = 'prior_month' then o.value end) as prior_month_cny,
        sum(case when o.measure = 'prior_ytd' then o.value end) as prior_ytd_cny
    from observations as o
    join submissions as s on s.submission_id = o.submission_id and s.period = o.period
    join firms as f on f.credit_code = o.credit_code and f.roster_from <= o.period
    where s.is_current and o.form = 'B204-1' and o.item in ('output', 'sales', 'exports')
    group by o.period, o.item, f.zone
),
scopes as (
    select
        period, 'district' as scope_kind, 'all' as scope_id, item,
        month_cny, ytd_cny, prior_month_cny, prior_ytd_cny
    from counted
    union all
    select period, 'zone', zone, item, month_cny, ytd_cny, prior_month_cny, prior_ytd_cny
    from counted
    where zone is not null
),
totals as (
    select
        period, scope_kind, scope_id, item,
        sum(month_cny) as month_cny,
        sum(ytd_cny) as ytd_cny,
        sum(prior_month_cny) as prior_month_cny,
        sum(prior_ytd_cny) as prior_ytd_cny
    from scopes
    group by period, scope_kind, scope_id, item
)
select
    *,
    growth(month_cny, prior_month_cny) as yoy_month,
    growth(ytd_cny, prior_ytd_cny) as yoy_ytd,
    ratio((ytd_cny - prior_ytd_cny) * 100, prior_ytd_cny) as contribution_points
from totals
