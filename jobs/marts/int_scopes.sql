-- mart: int_scopes
-- purpose: Which firms make up which scope, one row a scope and firm
-- grain: scope_kind, scope_id, credit_code
-- inputs: firms, zones, chains, district
-- columns:
--   scope_kind | code | district, zone, chain, size, leading or firm | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   credit_code | code | A firm of the scope | 统一社会信用代码
--   scope_name | text | Name of the scope in Chinese | 口径名称
--   scope_name_en | text | Name of the scope in English; firms keep their own | 口径英文名称
-- not_null: scope_name, scope_name_en
-- accepted scope_kind: district, zone, chain, size, leading, firm
-- rules: A firm without a zone or a chain belongs to none. Industries are no scope of firms but of their
--   industry rows, hence absent here.
select
    'district' as scope_kind,
    district.region_code as scope_id,
    firms.credit_code,
    district.name_zh as scope_name,
    district.name_en as scope_name_en
from firms
cross join district
union all
select 'zone', zones.zone, firms.credit_code, zones.name_zh, zones.name_en
from firms
join zones on zones.zone = firms.zone
union all
select 'chain', chains.chain, firms.credit_code, chains.name_zh, chains.name_en
from firms
join chains on chains.chain = firms.chain
union all
select
    'size',
    cast(size_class as varchar),
    credit_code,
    case size_class when 1 then '大型' when 2 then '中型' when 3 then '小型' else '微型' end,
    case size_class when 1 then 'Large' when 2 then 'Medium' when 3 then 'Small' else 'Micro' end
from firms
union all
select 'leading', credit_code as scope_id, credit_code, name as scope_name, name as scope_name_en
from firms
where is_leading
union all
select 'firm', credit_code as scope_id, credit_code, name as scope_name, name as scope_name_en
from firms
