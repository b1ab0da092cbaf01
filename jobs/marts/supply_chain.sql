-- mart: supply_chain
-- purpose: Who supplies whom, month by month | 区内配套：谁供给谁，分月
-- grain: period, supplier_code, buyer_code
-- inputs: int_counted, firms
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   supplier_code | code | Credit code of the firm that supplies and reports | 配套企业代码
--   supplier_name | text | Its name on the roster in that month | 配套企业
--   buyer_code | code | Credit code of the firm supplied | 配套对象代码
--   buyer_name | text | Its name on the roster, the last one when it is off it; null when it never was on it | 配套对象
--   chain | code | Chain of the buyer, else of the supplier, else `none`; key of dim_chain | 产业链
--   supply_month_cny | CNY | Supplied in the month; null in February | 本年本月
--   supply_ytd_cny | CNY | Supplied January to the month | 本年1-本月
--   supply_prior_month_cny | CNY | Supplied in the month last year; null in February | 上年同期本月
--   supply_prior_ytd_cny | CNY | Supplied January to the month last year | 上年同期1-本月
--   yoy_ytd | fraction | supply_ytd_cny over supply_prior_ytd_cny, less 1; null without a base | 累计同比增速
--   is_outside | flag | Whether the buyer is outside the roster of that month: no local supply | 是否区外配套
-- not_null: supplier_name, chain, is_outside
-- rules: From form LY-01, filed by suppliers; what buyers say they buy is in supply_rates. The item
--   `supply` of totals and targets sums the rows that are not outside.
--   | 取自供货方填报的 LY-01；采购方所报见 supply_rates。汇总和目标中的 supply 为区内各行之和。
with
-- each buyer's spell in force, or its last one
buyers as (
    select c.period, c.item, f.credit_code, max(f.roster_from) as spell_from
    from (select distinct period, item from int_counted where form = 'LY-01') as c
    join firms as f on f.credit_code = split_part(c.item, ':', 2) and f.roster_from <= c.period
    group by c.period, c.item, f.credit_code
)
select
    c.period,
    c.credit_code as supplier_code,
    supplier.name as supplier_name,
    split_part(c.item, ':', 2) as buyer_code,
    buyer.name as buyer_name,
    coalesce(buyer.chain, supplier.chain, 'none') as chain,
    c.month_cny as supply_month_cny,
    c.ytd_cny as supply_ytd_cny,
    c.prior_month_cny as supply_prior_month_cny,
    c.prior_ytd_cny as supply_prior_ytd_cny,
    growth(c.ytd_cny, c.prior_ytd_cny) as yoy_ytd,
    c.is_outside
from int_counted as c
join firms as supplier
    on supplier.credit_code = c.credit_code and supplier.roster_from = c.spell_from
left join buyers on buyers.period = c.period and buyers.item = c.item
left join firms as buyer
    on buyer.credit_code = buyers.credit_code and buyer.roster_from = buyers.spell_from
where c.form = 'LY-01' and c.item like 'supply:%'
