-- mart: supply_rates
-- purpose: How much of what a buyer buys comes from the district | 本地化配套率：采购中来自区内的部分
-- grain: period, buyer_code
-- inputs: int_counted, firms
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   buyer_code | code | Credit code of the firm that buys and reports | 采购企业代码
--   buyer_name | text | Its name on the roster in that month | 采购企业
--   chain | code | Its chain in that month, `none` for none; key of dim_chain | 产业链
--   purchases_ytd_cny | CNY | Purchases, January to the month | 采购总额累计
--   purchases_prior_ytd_cny | CNY | Purchases, January to the month last year | 上年同期采购总额累计
--   local_purchases_ytd_cny | CNY | Purchases in the district, January to the month | 本地采购额累计
--   local_purchases_prior_ytd_cny | CNY | Purchases in the district, January to the month last year | 上年同期本地采购额累计
--   local_supply_rate | fraction | Local purchases over purchases, year to date | 本地化配套率
--   prior_local_supply_rate | fraction | The same last year | 上年同期本地化配套率
--   change_points | pp | Change of the rate over last year | 同比变动百分点
-- not_null: buyer_name, chain
-- reconcile nobody_buys_more_locally_than_at_all:
--   select period, buyer_code, local_supply_rate from this where local_supply_rate > 1
-- rules: From form LY-02. A rate is null when purchases were none or one of its two figures is missing.
--   | 取自 LY-02。采购额为零或两项缺一时比率为空。
with
figures as (
    select
        period,
        credit_code,
        spell_from,
        sum(case when item = 'purchases' then ytd_cny end) as purchases_cny,
        sum(case when item = 'purchases' then prior_ytd_cny end) as purchases_prior_cny,
        sum(case when item = 'local_purchases' then ytd_cny end) as local_cny,
        sum(case when item = 'local_purchases' then prior_ytd_cny end) as local_prior_cny
    from int_counted
    where form = 'LY-02'
    group by period, credit_code, spell_from
),
rates as (
    select
        *,
        ratio(local_cny, purchases_cny) as rate,
        ratio(local_prior_cny, purchases_prior_cny) as prior_rate
    from figures
)
select
    r.period,
    r.credit_code as buyer_code,
    firms.name as buyer_name,
    coalesce(firms.chain, 'none') as chain,
    r.purchases_cny as purchases_ytd_cny,
    r.purchases_prior_cny as purchases_prior_ytd_cny,
    r.local_cny as local_purchases_ytd_cny,
    r.local_prior_cny as local_purchases_prior_ytd_cny,
    r.rate as local_supply_rate,
    r.prior_rate as prior_local_supply_rate,
    (r.rate - r.prior_rate) * 100 as change_points
from rates as r
join firms on firms.credit_code = r.credit_code and firms.roster_from = r.spell_from
