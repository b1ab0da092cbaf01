-- mart: int_ledger_months
-- purpose: The months a ledger is looked at: from its first one to the last month of which anything counts
-- grain: form, period
-- inputs: int_ledger_rows, int_counted, dim_period
-- columns:
--   form | code | Form number | 表号
--   period | month | First day of the month | 报告期
--   last_day | date | Last day of the month | 月末日
-- not_null: last_day
-- rules: A month whose ledger is missing is there as well: what older ledgers say holds on.
with
begun as (
    select form, min(period) as first
    from int_ledger_rows
    group by form
),
ended as (
    select max(period) as last
    from (select period from int_counted union all select period from int_ledger_rows) as counted
)
select begun.form, d.period, d.last_day
from dim_period as d
cross join ended
join begun on begun.first <= d.period
where d.period <= ended.last
