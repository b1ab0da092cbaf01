-- mart: service_requests
-- purpose: Each request of a firm as the newest ledger that mentions it says | 企业诉求，以最近一次提到它的台账为准
-- grain: request_no
-- inputs: records, int_ledger_rows
-- columns:
--   request_no | code | Number of the request | 诉求编号
--   credit_code | code | Firm; null where the ledger bears none, and not always on the roster | 统一社会信用代码
--   raised_on | date | Day it was raised | 提出日期
--   category | text | What it is about | 类别
--   level | code | district: to be solved in the district; higher: with the help of a higher level | 层级
--   unit | text | Unit in charge | 责任单位
--   due_on | date | Day due, as written; else seven days after it was raised, one month at the higher level | 办结时限
--   closed_on | date | Day closed; null while open | 办结日期
--   result | code | solved, partly_solved, unsolved or withdrawn; null while open | 结果
--   satisfaction | code | satisfied, fairly_satisfied, dissatisfied; null where the firm did not say | 满意度
--   is_closed | flag | Whether it is closed | 是否办结
--   is_on_time | flag | Whether it was closed on or before the day due; null while open | 是否按时办结
--   period | month | Month it was raised in, its first day | 提出月份
--   firm_name | text | The firm's name in the ledger | 企业名称
--   matter | text | What was asked for | 内容
--   level_zh | text | level in Chinese | 层级中文
--   result_zh | text | result in Chinese | 结果中文
--   satisfaction_zh | text | satisfaction in Chinese | 满意度中文
-- not_null: raised_on, level, due_on, is_closed, period
-- accepted level: district, higher
-- accepted result: solved, partly_solved, unsolved, withdrawn
-- accepted satisfaction: satisfied, fairly_satisfied, dissatisfied
-- reconcile every_key_is_a_request:
--   select k.record_key from int_ledger_rows as k left join this on this.request_no = k.record_key
--   where k.form = 'LY-03' and this.request_no is null
-- rules: A withdrawn request (撤回) is here and in no figure of service_kpis.
with
said as (
    select
        r.record_key as request_no,
        max(case when r.column_name = 'credit_code' then r.value_text end) as credit_code,
        max(case when r.column_name = 'firm_name' then r.value_text end) as firm_name,
        max(case when r.column_name = 'raised_on' then r.value_date end) as raised_on,
        max(case when r.column_name = 'category' then r.value_text end) as category,
        max(case when r.column_name = 'matter' then r.value_text end) as matter,
        max(case when r.column_name = 'level' then r.value_text end) as level,
        max(case when r.column_name = 'unit' then r.value_text end) as unit,
        max(case when r.column_name = 'due_on' then r.value_date end) as due_on,
        max(case when r.column_name = 'closed_on' then r.value_date end) as closed_on,
        max(case when r.column_name = 'result' then r.value_text end) as result,
        max(case when r.column_name = 'satisfaction' then r.value_text end) as satisfaction
    from records as r
    join int_ledger_rows as k
        on k.submission_id = r.submission_id and k.form = r.form and k.period = r.period
        and k.record_key = r.record_key
    where r.form = 'LY-03' and k.replaced_in is null
    group by r.record_key
),
due as (
    select
        *,
        cast(
            coalesce(
                due_on,
                case level
                    when 'district' then raised_on + interval '7 days'
                    else raised_on + interval '1 month'
                end
            ) as date
        ) as last_day
    from said
)
select
    request_no,
    credit_code,
    raised_on,
    category,
    level,
    unit,
    last_day as due_on,
    closed_on,
    result,
    satisfaction,
    closed_on is not null as is_closed,
    closed_on <= last_day as is_on_time,
    cast(date_trunc('month', raised_on) as date) as period,
    firm_name,
    matter,
    case level when 'district' then '区级' else '上级' end as level_zh,
    case result
        when 'solved' then '解决'
        when 'partly_solved' then '部分解决'
        when 'unsolved' then '未解决'
        when 'withdrawn' then '撤回'
    end as result_zh,
    case satisfaction
        when 'satisfied' then '满意'
        when 'fairly_satisfied' then '基本满意'
        when 'dissatisfied' then '不满意'
    end as satisfaction_zh
from due
