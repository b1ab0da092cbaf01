-- mart: int_scope_totals
-- purpose: The basis added up over each scope, one row a form, month, scope and item
-- grain: form, period, scope_kind, scope_id, item
-- inputs: int_basis, int_scopes
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district, zone, chain, industry, size, leading or firm | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | Item: output, sales, exports, supply, purchases, local_purchases | 指标
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   prior_month_cny | CNY | The year before, the month, same firms; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, same firms | 上年同期1-本月
--   firms_growing | count | Reporting firms whose year to date exceeds last year's | 增长企业数
--   firms_falling | count | Reporting firms whose year to date is below last year's | 下降企业数
-- not_null: ytd_cny, prior_ytd_cny, firms_growing, firms_falling
-- rules: A blank figure of a report adds nothing. Scope `industry` is the GB/T 4754 division, summed from
--   the firms' industry rows, whose item is called output.
with
scoped as (
    select
        b.form, b.period, s.scope_kind, s.scope_id, b.item,
        b.is_reported, b.month_cny, b.ytd_cny, b.prior_month_cny, b.prior_ytd_cny
    from int_basis as b
    join int_scopes as s on s.credit_code = b.credit_code
    where b.item <> 'industry'
    union all
    select
        form, period, 'industry' as scope_kind, division as scope_id, 'output' as item,
        is_reported, month_cny, ytd_cny, prior_month_cny, prior_ytd_cny
    from int_basis
    where item = 'industry'
),
compared as (
    select
        *,
        case when is_reported then coalesce(ytd_cny, 0) - coalesce(prior_ytd_cny, 0) end as change_cny
    from scoped
)
select
    form,
    period,
    scope_kind,
    scope_id,
    item,
    case when extract(month from period) <> 2 then coalesce(sum(month_cny), 0) end as month_cny,
    coalesce(sum(ytd_cny), 0) as ytd_cny,
    case when extract(month from period) <> 2 then coalesce(sum(prior_month_cny), 0) end
        as prior_month_cny,
    coalesce(sum(prior_ytd_cny), 0) as prior_ytd_cny,
    count(case when change_cny > 0 then 1 end) as firms_growing,
    count(case when change_cny < 0 then 1 end) as firms_falling
from compared
group by form, period, scope_kind, scope_id, item
