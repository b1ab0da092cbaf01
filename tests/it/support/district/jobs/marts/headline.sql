-- mart: headline
-- purpose: What the brief says, one row a month
-- grain: period
-- inputs: monthly_totals
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   output_month_cny | CNY | Output of the month | 本月产值
--   output_ytd_cny | CNY | Output, January to the month | 累计产值
--   yoy_ytd | fraction | Growth of output_ytd_cny | 累计同比增速
select period, month_cny as output_month_cny, ytd_cny as output_ytd_cny, yoy_ytd
from monthly_totals
where scope_kind = 'district' and item = 'output'
