-- mart: dim_chain
-- purpose: The industrial chains, and `none` for firms of none | 产业链，及不属于任何链的 none
-- grain: chain
-- inputs: chains, firms
-- columns:
--   chain | code | Key; `none` for firms of none, so that joins lose nobody | 产业链
--   name_zh | text | Name in Chinese | 中文名称
--   name_en | text | Name in English | 英文名称
--   display_order | number | Place in lists, from 1: by display_order of the seed, then those without one by key, `none` last | 排列次序
-- not_null: name_zh, name_en, display_order
-- rules: `none` is a member of the dimension and no scope: monthly_totals has no row of it. What firms of no
--   chain make is the district less its chains, or a sum over firm_months.
with
members as (
    select chain, name_zh, name_en, display_order, false as is_none
    from chains
    union all
    select distinct 'none', '未划入', 'None', cast(null as int), true
    from firms
)
select
    chain,
    name_zh,
    name_en,
    row_number() over (order by is_none, display_order nulls last, chain) as display_order
from members
