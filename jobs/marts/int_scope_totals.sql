-- mart: int_scope_totals
-- purpose: The basis added up over each scope, one row a form, month, scope and item
-- grain: form, period, scope_kind, scope_id, item
-- inputs: int_basis, int_scopes, dim_industry
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district, zone, chain, industry_section, industry, industry_class, size or leading | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | Item: output, sales, exports, supply, outside_supply, purchases, local_purchases | 指标
--   month_cny | CNY | This year, the month, of all who gave one; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month, of all who gave one | 本年1-本月
--   comparable_month_cny | CNY | Of month_cny, what last year's figures stand against | 可比口径本年本月
--   comparable_ytd_cny | CNY | Of ytd_cny, what last year's figures stand against | 可比口径本年1-本月
--   prior_month_cny | CNY | The year before, the month, of the same rows as comparable_month_cny | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, of the same rows as comparable_ytd_cny | 上年同期1-本月
--   yoy_month | fraction | comparable_month_cny over prior_month_cny, less 1; null when that is not above zero | 本月同比增速
--   yoy_ytd | fraction | comparable_ytd_cny over prior_ytd_cny, less 1; null when that is not above zero | 累计同比增速
--   firms_compared | count | Reporting firms with both years to date | 可比企业数
--   firms_growing | count | Of these, firms whose year to date exceeds last year's | 增长企业数
--   firms_falling | count | Of these, firms whose year to date is below last year's | 下降企业数
--   firms_without_base | count | Firms whose year to date is not wholly in comparable_ytd_cny | 缺基数企业数
--   scope_name | text | Name of the scope in Chinese, a firm's as of the month | 口径名称
--   scope_name_en | text | Name of the scope in English; firms keep their own | 口径英文名称
-- not_null: scope_name, scope_name_en, firms_compared, firms_growing, firms_falling, firms_without_base
-- rules: Sums are over what is there; where nobody has a figure they are null. Scopes of
--   industries (section, division, class of GB/T 4754) are summed from the firms' industry rows, whose item
--   is called output. Each firm counts where the spell puts it that is in force in the month; a kept base where the last one put it. Of a single firm int_basis has all there is.
with
scoped as (
    select s.scope_kind, s.scope_id, s.scope_name, s.scope_name_en, b.*
    from int_basis as b
    join int_scopes as s on s.credit_code = b.credit_code and s.spell_from = b.spell_from
    where b.division = '' and s.scope_kind <> 'firm' and s.scope_kind not like 'industry%'
    union all
    select b.item as scope_kind, b.division as scope_id, i.name_zh, i.name_en, b.*
    from int_basis as b
    join dim_industry as i on i.industry_code = b.division
),
sums as (
    select
        form,
        period,
        scope_kind,
        scope_id,
        case when division = '' then item else 'output' end as item,
        max(scope_name) as scope_name,
        max(scope_name_en) as scope_name_en,
        sum(month_cny) as month_cny,
        sum(ytd_cny) as ytd_cny,
        sum(comparable_month_cny) as comparable_month_cny,
        sum(comparable_ytd_cny) as comparable_ytd_cny,
        sum(prior_month_cny) as prior_month_cny,
        sum(prior_ytd_cny) as prior_ytd_cny,
        count(case when is_reported then prior_ytd_cny end) as firms_compared,
        count(case when is_reported and comparable_ytd_cny > prior_ytd_cny then 1 end) as firms_growing,
        count(case when is_reported and comparable_ytd_cny < prior_ytd_cny then 1 end) as firms_falling,
        count(case when is_without_base then 1 end) as firms_without_base
    from scoped
    group by 1, 2, 3, 4, 5
)
select
    *,
    growth(comparable_month_cny, prior_month_cny) as yoy_month,
    growth(comparable_ytd_cny, prior_ytd_cny) as yoy_ytd
from sums
