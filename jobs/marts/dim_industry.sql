-- mart: dim_industry
-- purpose: The industries of GB/T 4754 in use and all divisions, each with its division | 使用中的国民经济行业及全部大类，各附所属大类
-- grain: industry_code
-- inputs: industries
-- columns:
--   industry_code | code | Code of GB/T 4754: four digits, or two for a division | 行业代码
--   name_zh | text | Name in Chinese | 中文名称
--   section | code | Letter of the section | 门类
--   division | code | First two digits | 行业大类
--   division_name | text | Name of the division; its code when the seed has none | 行业大类名称
-- not_null: name_zh, section, division, division_name
with
divisions as (
    select industry_code as division, name_zh
    from industries
    where length(industry_code) = 2
)
select
    i.industry_code,
    i.name_zh,
    i.section,
    substr(i.industry_code, 1, 2) as division,
    coalesce(d.name_zh, substr(i.industry_code, 1, 2)) as division_name
from industries as i
left join divisions as d on d.division = substr(i.industry_code, 1, 2)
