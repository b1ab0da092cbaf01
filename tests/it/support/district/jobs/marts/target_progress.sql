-- mart: target_progress
-- purpose: How far each target of the district is reached, month by month of its year
-- grain: period, target_id
-- inputs: targets, monthly_totals
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   target_id | code | Key of targets.csv | 目标编号
--   name | text | Name of the target in Chinese | 目标名称
--   name_en | text | Name of the target in English | 目标英文名称
--   target_cny | CNY | What ytd_cny must reach by December | 目标值
--   ytd_cny | CNY | The item, January to the month | 本年累计
--   attained_share | fraction | ytd_cny over target_cny | 完成比例
--   time_progress | fraction | Months gone by over twelve | 序时进度
--   status | code | on_track or behind | 状态
with
held as (
    select
        m.period,
        t.target_id,
        t.name_zh as name,
        t.name_en,
        t.level_cny as target_cny,
        m.ytd_cny,
        ratio(m.ytd_cny, t.level_cny) as attained_share,
        ratio(extract(month from m.period), 12) as time_progress
    from targets as t
    join monthly_totals as m
        on m.scope_kind = 'district' and m.item = t.item and extract(year from m.period) = t.year
)
select
    *,
    case when attained_share < time_progress then 'behind' else 'on_track' end as status
from held
