-- mart: dim_firm
-- purpose: The firms that ever were on the roster, each as its newest spell has it | 曾在名录中的企业，一家一行，取最近一段
-- grain: credit_code
-- inputs: dim_firm_spell
-- columns:
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   firm_name | text | Full name | 单位名称
--   zone | code | Key of dim_zone; `none` outside the zones | 开发区
--   chain | code | Key of dim_chain; `none` for none | 产业链
--   industry_code | code | Main industry; key of dim_industry | 行业代码
--   size_class | number | 1 large, 2 medium, 3 small, 4 micro | 单位规模
--   size_name | text | 大型, 中型, 小型, 微型 | 规模名称
--   size_name_en | text | Large, Medium, Small, Micro | 规模英文名称
--   is_leading | flag | Whether it is a leading firm | 是否龙头
--   roster_from | month | First month of its newest spell | 在库起始月
--   roster_to | month | Last month of its newest spell; null while on the roster | 在库终止月
--   base_rule | code | keep or drop: what becomes of its base when it leaves within a year | 留基数规则
--   forms | text | Forms it is asked for, joined by semicolons | 应报报表
--   may_be_named | flag | Whether what goes round may name it | 可否具名
-- not_null: firm_name, zone, chain, industry_code, size_class, size_name, size_name_en, is_leading, roster_from, base_rule, forms, may_be_named
-- accepted base_rule: keep, drop
-- accepted size_class: 1, 2, 3, 4
-- rules: What held in a month stands in dim_firm_spell and in the facts themselves. Contacts stay in the seed: they are for the bureau, not for dashboards.
--   | 某月的归属以 dim_firm_spell 和各事实表为准。联系人留在基础表，供本局使用，不进报表。
with
ranked as (
    select *, row_number() over (partition by credit_code order by roster_from desc) as place
    from dim_firm_spell
)
select
    credit_code,
    firm_name,
    zone,
    chain,
    industry_code,
    size_class,
    size_name,
    size_name_en,
    is_leading,
    roster_from,
    roster_to,
    base_rule,
    forms,
    may_be_named
from ranked
where place = 1
