-- mart: submission_status
-- purpose: Who owes which report for which month, what became of it, and who is late again
-- grain: period, form, credit_code
-- inputs: submissions, calendar, firms
-- columns:
--   period | month | Month to be reported, its first day | 报告期
--   form | code | Form number | 表号
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   firm_name | text | Name on the roster | 单位名称
--   state | code | missing, accepted, queried, refused or unreadable | 状态
--   received_at | time | When the revision shown arrived; null when missing | 收到时间
--   first_received_at | time | When the firm first sent the report; null when missing | 首次收到时间
--   deadline | time | Deadline of the calendar | 截止时间
--   is_late | flag | First received after the deadline, or missing | 是否迟报
--   revision | number | Number of the revision shown, from 1; null when missing | 版本号
--   errors | count | Its findings that refuse | 强制性错误数
--   queries | count | Its findings that ask for an explanation | 核实性错误数
--   months_late_in_row | count | Filed months up to this one that were late or missing without a break | 连续迟报月数
--   submission_id | code | The revision shown; null when missing | 报送编号
--   zone | code | Key of zones.csv; null for none | 开发区
--   chain | code | Key of chains.csv; null for none | 产业链
-- not_null: firm_name, state, deadline, is_late, errors, queries, months_late_in_row
-- accepted state: missing, accepted, queried, refused, unreadable
-- reconcile nobody_on_time_is_late_in_a_row:
--   select period, form, credit_code from this where is_late <> (months_late_in_row > 0)
-- rules: Due is each firm on the roster in a month that is asked for a form which the calendar has for that
--   month, from the first to the last month anybody filed the form for. The revision shown is the one that
--   counts, else the newest. Whether a firm is late is told by the first it sent, whatever became of that:
--   a correction asked for weeks later makes nobody late. Missing is late: who reads this after the first
--   report came in may chase it.
--   A report for a month that had not begun when it arrived is a slip of the keyboard and opens no month.
with
filed as (
    select form, min(period) as first_period, max(period) as last_period
    from submissions
    where form is not null and period <= cast(received_at as date)
    group by form
),
due as (
    select
        calendar.period,
        calendar.form,
        calendar.deadline,
        firms.credit_code,
        firms.name as firm_name,
        firms.zone,
        firms.chain
    from calendar
    join filed
        on filed.form = calendar.form
        and calendar.period between filed.first_period and filed.last_period
    join firms
        on firms.roster_from <= calendar.period
        and (firms.roster_to is null or calendar.period <= firms.roster_to)
        and strpos(';' || firms.forms || ';', ';' || calendar.form || ';') > 0
),
ranked as (
    select
        *,
        row_number() over (
            partition by form, credit_code, period
            order by is_current desc, revision desc, received_at desc, submission_id desc
        ) as place,
        min(received_at) over (partition by form, credit_code, period) as first_received_at
    from submissions
),
stated as (
    select
        due.*,
        coalesce(r.state, 'missing') as state,
        r.received_at,
        r.first_received_at,
        coalesce(r.first_received_at > due.deadline, true) as is_late,
        r.revision,
        coalesce(r.errors, 0) as errors,
        coalesce(r.queries, 0) as queries,
        r.submission_id
    from due
    left join ranked as r
        on r.form = due.form
        and r.credit_code = due.credit_code
        and r.period = due.period
        and r.place = 1
),
-- a report on time ends one row of late months and begins the next
runs as (
    select
        *,
        sum(case when is_late then 0 else 1 end) over (
            partition by form, credit_code
            order by period
            rows between unbounded preceding and current row
        ) as run
    from stated
)
select
    period,
    form,
    credit_code,
    firm_name,
    state,
    received_at,
    first_received_at,
    deadline,
    is_late,
    revision,
    errors,
    queries,
    sum(case when is_late then 1 else 0 end) over (
        partition by form, credit_code, run
        order by period
        rows between unbounded preceding and current row
    ) as months_late_in_row,
    submission_id,
    zone,
    chain
from runs
