-- mart: dim_firm_spell
-- purpose: The spells of each firm: months in which all that the roster says of it was so | 企业名录分段：每段内名录所载各项不变
-- grain: credit_code, roster_from
-- inputs: firms
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
--   roster_from | month | First month of the spell | 起始月
--   roster_to | month | Last month of the spell; null while it lasts | 终止月
--   base_rule | code | keep or drop: what becomes of its base when it leaves within a year | 留基数规则
--   forms | text | Forms it is asked for, joined by semicolons | 应报报表
--   may_be_named | flag | Whether what goes round may name it | 可否具名
-- not_null: firm_name, zone, chain, industry_code, size_class, size_name, size_name_en, is_leading, base_rule, forms, may_be_named
-- accepted base_rule: keep, drop
-- accepted size_class: 1, 2, 3, 4
-- rules: Spells of a firm do not overlap; a gap is a time off the roster. A month's figures are counted under
--   the spell in force in that month. Contacts stay in the seed: they are for the bureau, not for dashboards.
--   | 一家企业的各段不重叠，间隔表示不在名录。某月数据按当月有效的一段归类。联系人留在基础表，供本局使用，不进报表。
select
    credit_code,
    name as firm_name,
    coalesce(zone, 'none') as zone,
    coalesce(chain, 'none') as chain,
    industry_code,
    size_class,
    case size_class when 1 then '大型' when 2 then '中型' when 3 then '小型' else '微型' end as size_name,
    case size_class when 1 then 'Large' when 2 then 'Medium' when 3 then 'Small' else 'Micro' end
        as size_name_en,
    is_leading,
    roster_from,
    roster_to,
    base_rule,
    forms,
    coalesce(may_be_named, false) as may_be_named
from firms
