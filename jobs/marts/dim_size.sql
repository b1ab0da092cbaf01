-- mart: dim_size
-- purpose: The size classes that firms of the roster are of, in their order | 企业规模，按次序
-- grain: size_class
-- inputs: dim_firm_spell
-- columns:
--   size_class | number | 1 large, 2 medium, 3 small, 4 micro | 单位规模
--   scope_id | code | The same as scope_id of scope size in monthly_totals | 口径代码
--   name_zh | text | Name in Chinese | 中文名称
--   name_en | text | Name in English | 英文名称
-- not_null: scope_id, name_zh, name_en
select distinct
    size_class,
    cast(size_class as varchar) as scope_id,
    size_name as name_zh,
    size_name_en as name_en
from dim_firm_spell
