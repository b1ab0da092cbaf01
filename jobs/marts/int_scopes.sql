-- mart: int_scopes
-- purpose: Which firms make up which scope, one row a scope and spell of a firm
-- grain: scope_kind, scope_id, credit_code, spell_from
-- inputs: firms, zones, chains, dim_industry, district
-- columns:
--   scope_kind | code | district, zone, chain, industry_section, industry, industry_class, size, leading or firm | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   credit_code | code | A firm of the scope | 统一社会信用代码
--   spell_from | month | First month of the spell in which it belongs to the scope | 起始月
--   spell_to | month | Last month of that spell; null while it lasts | 终止月
--   scope_name | text | Name of the scope in Chinese | 口径名称
--   scope_name_en | text | Name of the scope in English; firms keep their own | 口径英文名称
-- not_null: scope_name, scope_name_en
-- accepted scope_kind: district, zone, chain, industry_section, industry, industry_class, size, leading, firm
-- rules: A firm without a zone or a chain belongs to none. Its scopes of industries are those of its main one: figures of
--   industries are summed from the firms' industry rows, whoever reports them.
with
spells as (
    select
        credit_code,
        roster_from as spell_from,
        roster_to as spell_to,
        name,
        zone,
        chain,
        industry_code,
        size_class,
        is_leading
    from firms
)
select
    'district' as scope_kind,
    d.region_code as scope_id,
    s.credit_code,
    s.spell_from,
    s.spell_to,
    d.name_zh as scope_name,
    d.name_en as scope_name_en
from spells as s
cross join district as d
union all
select 'zone', s.zone, s.credit_code, s.spell_from, s.spell_to, z.name_zh, z.name_en
from spells as s
join zones as z on z.zone = s.zone
union all
select 'chain', s.chain, s.credit_code, s.spell_from, s.spell_to, c.name_zh, c.name_en
from spells as s
join chains as c on c.chain = s.chain
union all
select i.scope_kind, i.industry_code, s.credit_code, s.spell_from, s.spell_to, i.name_zh, i.name_en
from spells as s
join dim_industry as m on m.industry_code = s.industry_code
join dim_industry as i on i.industry_code in (m.section, m.division, m.industry_code)
union all
select
    'size',
    cast(size_class as varchar),
    credit_code,
    spell_from,
    spell_to,
    case size_class when 1 then '大型' when 2 then '中型' when 3 then '小型' else '微型' end,
    case size_class when 1 then 'Large' when 2 then 'Medium' when 3 then 'Small' else 'Micro' end
from spells
union all
select 'leading', credit_code as scope_id, credit_code, spell_from, spell_to, name, name as name_en
from spells
where is_leading
union all
select 'firm', credit_code as scope_id, credit_code, spell_from, spell_to, name, name as name_en
from spells
