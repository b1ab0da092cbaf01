-- mart: dim_industry
-- purpose: The sections, divisions and classes of GB/T 4754 that the seed names, that firms are of, or that
--   they report, each with what it is part of | 国民经济行业门类、大类、小类，各附所属上级
-- grain: industry_code
-- inputs: industries, firms, int_figures
-- columns:
--   industry_code | code | Code of GB/T 4754: four digits, two for a division, a letter for a section | 行业代码
--   name_zh | text | Name in Chinese; its code when the seed has none | 中文名称
--   section | code | Letter of the section | 门类
--   division | code | First two digits; null for a section | 行业大类
--   division_name | text | Name of the division; its code when the seed has none | 行业大类名称
--   name_en | text | Name in English; its code when the seed has none | 英文名称
--   section_name | text | Name of the section | 门类名称
--   scope_kind | code | Under which scope_kind monthly_totals has it: industry_section, industry (a division) or industry_class | 口径类别
--   scope_kind_zh | text | scope_kind in Chinese | 口径类别中文
-- not_null: name_zh, name_en, section, section_name, scope_kind, scope_kind_zh
-- accepted scope_kind: industry_section, industry, industry_class
-- rules: A section's or division's name is that of its own row in the seed. Sections have the divisions that
--   GB/T 4754 gives them: B 06 to 12, C 13 to 43, D 44 to 46.
with
used as (
    select industry_code from industries
    union
    select industry_code from firms
    union
    select division from int_figures where division <> ''
),
placed as (
    select
        industry_code,
        case
            when industry_code >= 'A' then industry_code
            when industry_code < '13' then 'B'
            when industry_code < '44' then 'C'
            else 'D'
        end as section
    from used
),
codes as (
    select industry_code, section from placed
    union
    select substr(industry_code, 1, 2), section from placed
    union
    select section as industry_code, section from placed
),
parts as (
    select
        industry_code,
        section,
        case when industry_code <> section then substr(industry_code, 1, 2) end as division,
        case length(industry_code)
            when 1 then 'industry_section'
            when 2 then 'industry'
            else 'industry_class'
        end as scope_kind
    from codes
)
select
    p.industry_code,
    coalesce(i.name_zh, p.industry_code) as name_zh,
    p.section,
    p.division,
    coalesce(d.name_zh, p.division) as division_name,
    coalesce(
        i.name_en,
        case p.scope_kind
            when 'industry_section' then 'Section '
            when 'industry' then 'Division '
            else 'Class '
        end || p.industry_code
    ) as name_en,
    coalesce(s.name_zh, p.section) as section_name,
    p.scope_kind,
    case p.scope_kind
        when 'industry_section' then '行业门类'
        when 'industry' then '行业大类'
        else '行业小类'
    end as scope_kind_zh
from parts as p
left join industries as i on i.industry_code = p.industry_code
left join industries as d on d.industry_code = p.division
left join industries as s on s.industry_code = p.section
