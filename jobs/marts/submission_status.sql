-- mart: submission_status
-- purpose: Who owes which report for which month, what became of it, and who is late again | 应报与实报：谁应报哪月哪表，状态如何，是否连续迟报
-- grain: period, form, credit_code
-- inputs: int_status, district
-- looks_ahead: no
-- columns:
--   period | month | Month to be reported, its first day | 报告期
--   form | code | Form number | 表号
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   firm_name | text | Name on the roster in that month, or the bureau's for its ledgers | 单位名称
--   state | code | Of the revision shown: missing, accepted, queried, refused or unreadable | 状态
--   received_at | time | When the revision shown arrived; null when missing | 收到时间
--   first_received_at | time | When the firm first sent the report; null when missing | 首次收到时间
--   deadline | time | Deadline of the calendar; null where it has none, and before the month `since` | 截止时间
--   is_late | flag | First received after the deadline, or missing with the deadline passed | 是否迟报
--   revision | number | Number of the revision shown, from 1; null when missing | 版本号
--   errors | count | Its findings that refuse | 强制性错误数
--   queries | count | Its findings that still ask for an explanation; 0 once it is accepted | 核实性错误数
--   months_late_in_row | count | Months up to this one that were late since the last one in time | 连续迟报月数
--   submission_id | code | The revision shown; null when missing | 报送编号
--   zone | code | Key of dim_zone; `none` outside the zones | 开发区
--   chain | code | Key of dim_chain; `none` for none | 产业链
--   latest_state | code | State of the newest revision, whether or not it counts; null when missing | 最新版本状态
--   latest_submission_id | code | The newest revision; null when missing | 最新报送编号
--   state_zh | text | state in Chinese | 状态中文
-- not_null: firm_name, zone, chain, state, state_zh, is_late, errors, queries, months_late_in_row
-- accepted state: missing, accepted, queried, refused, unreadable
-- accepted latest_state: accepted, queried, refused, unreadable
-- reconcile who_is_late_is_late_in_a_row:
--   select period, form, credit_code from this where is_late and months_late_in_row = 0
-- reconcile nobody_is_late_before_the_deadline:
--   select this.period, this.form, this.credit_code
--   from this
--   cross join district
--   where this.is_late and (this.deadline is null
--     or (this.state = 'missing' and this.deadline > district.last_deadline))
-- rules: Due is each firm on the roster in a month that is asked for the form, from the first month of
--   calendar or lake to the last month anybody filed; before the month `since` of the settings only who
--   sent something. The revision shown is the one that counts, else the newest; where latest_state is not
--   accepted while state is, a correction waits. Whether a firm is late is told by the first it sent,
--   whatever became of that: a correction asked for weeks later makes nobody late. Nobody is late without a
--   deadline; who has sent nothing, not before it has passed: such months neither end a row of late ones
--   nor count in it.
--   A report for a month that had not begun when it arrived is a slip of the keyboard and opens no month.
--   | 应报：当月在名录且须填该表的企业，自日历或数据湖首月至最后一个有人报送的月份；设置的 since 之前只列报过的。所示为计入的一次报送，没有则为最近一次；state 为 accepted 而 latest_state 不是，表示有更正待处理。是否迟报按首次报送判定，与其结果无关，事后更正不算迟报。没有截止时间不算迟报；未报的在截止之后才算。这样的月份不中断也不计入连续迟报。收到时尚未开始的月份视为笔误，不据此开月。
with
counted as (
    select
        *,
        sum(case when is_late then 1 else 0 end) over (
            partition by form, credit_code
            order by period
            rows between unbounded preceding and current row
        ) as months_late
    from int_status
),
-- a report in time ends one row of late months and begins the next
runs as (
    select
        *,
        max(case when is_in_time then months_late end) over (
            partition by form, credit_code
            order by period
            rows between unbounded preceding and current row
        ) as months_late_before
    from counted
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
    months_late - coalesce(months_late_before, 0) as months_late_in_row,
    submission_id,
    zone,
    chain,
    latest_state,
    latest_submission_id,
    case state
        when 'missing' then '未报'
        when 'accepted' then '通过'
        when 'queried' then '待核实'
        when 'refused' then '退回'
        else '无法读取'
    end as state_zh
from runs
