-- mart: int_figures
-- purpose: What each report says, open groups added up, one row a firm and item
-- grain: form, period, credit_code, item, division
-- inputs: int_counted
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item without the code of an open group: output, supply, outside_supply, industry; rows of industries also as industry_section and industry_class | 指标
--   division | code | Of an industry row its GB/T 4754 code: the division, of item industry_section the letter, of industry_class the class; empty for other items | 行业代码
--   spell_from | month | First month of the spell in force | 在库起始月
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   comparable_month_cny | CNY | Of month_cny, what last year's figure stands against | 可比口径本年本月
--   comparable_ytd_cny | CNY | Of ytd_cny, what last year's figure stands against | 可比口径本年1-本月
--   prior_month_cny | CNY | The year before, the month, of the same rows; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month, of the same rows | 上年同期1-本月
--   is_without_base | flag | Whether some of ytd_cny has no figure of last year against it | 是否缺基数
-- not_null: spell_from, is_without_base
-- rules: Missing is not zero: a row of a report that lacks this year's or last year's figure is on neither
--   side of growth, its level counts all the same. Supply is what firms of the roster were supplied with;
--   supply to others is outside_supply. A row of an industry stands here three times, so that a firm is one
--   row in each: in its section, its division and its class. Sections have the divisions that GB/T 4754
--   gives them: B 06 to 12, C 13 to 43, D 44 to 46.
with
coded as (
    select
        *,
        split_part(item, ':', 1) as open_group,
        case when item like 'industry:%' then split_part(item, ':', 2) end as class
    from int_counted
),
grouped as (
    select
        * exclude (item, open_group, class),
        case when is_outside then 'outside_supply' else open_group end as item,
        coalesce(substr(class, 1, 2), '') as division
    from coded
    union all
    select
        * exclude (item, open_group, class),
        'industry_section',
        case when substr(class, 1, 2) < '13' then 'B' when substr(class, 1, 2) < '44' then 'C' else 'D' end
    from coded
    where class is not null
    union all
    select * exclude (item, open_group, class), 'industry_class', class
    from coded
    where class is not null
)
select
    form,
    period,
    credit_code,
    item,
    division,
    min(spell_from) as spell_from,
    sum(month_cny) as month_cny,
    sum(ytd_cny) as ytd_cny,
    sum(case when prior_month_cny is not null then month_cny end) as comparable_month_cny,
    sum(case when prior_ytd_cny is not null then ytd_cny end) as comparable_ytd_cny,
    sum(case when month_cny is not null then prior_month_cny end) as prior_month_cny,
    sum(case when ytd_cny is not null then prior_ytd_cny end) as prior_ytd_cny,
    bool_or(ytd_cny is not null and prior_ytd_cny is null) as is_without_base
from grouped
group by 1, 2, 3, 4, 5
