-- mart: feedback
-- purpose: The higher bureau's figures beside ours, with the difference | 上级反馈数与本区数对照
-- grain: period, scope_kind, scope_id, item
-- inputs: feedback, monthly_totals
-- columns:
--   period | month | Month, its first day | 报告期
--   scope_kind | code | Kind of the scope the higher bureau speaks of: city, province, or one of monthly_totals | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | output, sales or exports | 指标
--   feedback_ytd_cny | CNY | The higher bureau's figure, January to the month | 反馈累计
--   feedback_yoy_ytd | fraction | The higher bureau's growth | 反馈累计增速
--   ytd_cny | CNY | Ours; null where we have none of that scope | 本区累计
--   yoy_ytd | fraction | Our growth | 本区累计增速
--   difference_cny | CNY | Ours less theirs | 累计差额
--   difference_points | pp | Our growth less theirs, in percentage points | 增速差（百分点）
--   district_yoy_ytd | fraction | Growth of our district, beside theirs whatever scope they speak of | 本区累计增速（对比）
--   district_difference_points | pp | Growth of our district less theirs, in percentage points | 本区与其增速差（百分点）
--   scope_kind_zh | text | scope_kind in Chinese | 口径类别中文
-- not_null: scope_kind_zh
-- rules: `feedback` here is the seed. Theirs stand beside ours, never over them. Of the city and the
--   province we have no sums of our own: our district's growth stands beside theirs.
--   | 此处 feedback 指基础表。上级数与本区数并列，互不覆盖。市、省没有本区汇总，以本区增速与之并列。
select
    f.period,
    f.scope_kind,
    f.scope_id,
    f.item,
    f.ytd_cny as feedback_ytd_cny,
    f.yoy_ytd as feedback_yoy_ytd,
    t.ytd_cny,
    t.yoy_ytd,
    t.ytd_cny - f.ytd_cny as difference_cny,
    (t.yoy_ytd - f.yoy_ytd) * 100 as difference_points,
    d.yoy_ytd as district_yoy_ytd,
    (d.yoy_ytd - f.yoy_ytd) * 100 as district_difference_points,
    case f.scope_kind
        when 'district' then '本区'
        when 'city' then '全市'
        when 'province' then '全省'
        else coalesce(t.scope_kind_zh, f.scope_kind)
    end as scope_kind_zh
from feedback as f
left join monthly_totals as t
    on t.period = f.period
    and t.scope_kind = f.scope_kind
    and t.scope_id = f.scope_id
    and t.item = f.item
left join monthly_totals as d
    on d.period = f.period and d.scope_kind = 'district' and d.item = f.item
