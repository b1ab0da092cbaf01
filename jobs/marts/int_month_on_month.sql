-- mart: int_month_on_month
-- purpose: The month beside the month before of the same firms, one row a month, scope and item of B204-1
-- grain: period, scope_kind, scope_id, item
-- inputs: int_basis, int_scopes
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district, zone, chain, industry_section, industry, industry_class, size or leading | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | output, sales or exports; in scopes of industries output only | 指标
--   same_firms_month_cny | CNY | The month, of firms that gave a figure for it and for the month before | 两月可比企业本月
--   same_firms_previous_cny | CNY | The month before, of the same firms | 两月可比企业上月
-- not_null: same_firms_month_cny, same_firms_previous_cny
-- rules: February has no month figures, so neither it nor March can be compared; January follows last
--   December where it is filed. A firm is compared under its own code, in the scope of the later month.
with
reported as (
    select period, credit_code, spell_from, item, division, month_cny
    from int_basis
    where form = 'B204-1' and is_reported and month_cny is not null
        and (item in ('output', 'sales', 'exports') or division <> '')
),
pairs as (
    select
        now.period,
        now.credit_code,
        now.spell_from,
        now.item,
        now.division,
        now.month_cny,
        before.month_cny as previous_cny
    from reported as now
    join reported as before
        on before.period = now.period - interval '1 month'
        and before.credit_code = now.credit_code
        and before.item = now.item
        and before.division = now.division
)
select
    p.period,
    s.scope_kind,
    s.scope_id,
    p.item,
    sum(p.month_cny) as same_firms_month_cny,
    sum(p.previous_cny) as same_firms_previous_cny
from pairs as p
join int_scopes as s on s.credit_code = p.credit_code and s.spell_from = p.spell_from
where p.division = '' and s.scope_kind <> 'firm' and s.scope_kind not like 'industry%'
group by 1, 2, 3, 4
union all
select period, item as scope_kind, division, 'output' as item, sum(month_cny), sum(previous_cny)
from pairs
where division <> ''
group by period, item, division
