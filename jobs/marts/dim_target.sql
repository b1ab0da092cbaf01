-- mart: dim_target
-- purpose: The targets as the settings have them, whether or not a month of them was filed | 目标设置，不论当年是否已有数据
-- grain: target_id
-- inputs: targets
-- columns:
--   target_id | code | Key; the same in target_progress | 目标编号
--   name_zh | text | Name in Chinese | 中文名称
--   name_en | text | Name in English | 英文名称
--   year | number | The year of the target | 目标年度
--   kind | code | level, growth, level_and_growth, ratio or count | 目标类型
--   kind_zh | text | The same in Chinese | 目标类型中文
--   scope_kind | code | Kind of the scope | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   form | code | Form number | 表号
--   item | code | The item, numerator/denominator, or the kind of project that is counted | 指标
--   level_cny | CNY | The level asked for | 目标值
--   growth | fraction | The growth asked for; for a ratio the change asked for | 目标增速
--   baseline_year | number | The year it is measured against; null for the year before | 基期年份
--   source | text | Where it was set | 来源
--   target_count | count | The number asked for, of kind count | 目标数量
-- not_null: name_zh, name_en, year, kind, kind_zh, scope_kind, scope_id, form, item
-- accepted kind: level, growth, level_and_growth, ratio, count
select
    target_id,
    name_zh,
    name_en,
    year,
    kind,
    case kind
        when 'level' then '总量'
        when 'growth' then '增速'
        when 'level_and_growth' then '总量和增速'
        when 'count' then '数量'
        else '比率'
    end as kind_zh,
    scope_kind,
    scope_id,
    form,
    item,
    level_cny,
    growth,
    baseline_year,
    source,
    level_count as target_count
from targets
