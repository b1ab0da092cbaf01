-- mart: int_status
-- purpose: Each report that is due, the revision that is shown of it, and whether it is late
-- grain: period, form, credit_code
-- inputs: owed, submissions, district, firms
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   form | code | Form number | 表号
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   firm_name | text | Name on the roster in that month | 单位名称
--   zone | code | Key of dim_zone; `none` outside the zones | 开发区
--   chain | code | Key of dim_chain; `none` for none | 产业链
--   state | code | As in submission_status | 状态
--   received_at | time | When the revision shown came | 收到时间
--   first_received_at | time | When the first came | 首次收到时间
--   deadline | time | Until when it is due; null without one | 截止时间
--   is_late | flag | Whether the first came after the deadline, or none by the newest deadline | 是否迟报
--   is_in_time | flag | Whether the first came by the deadline | 是否按时
--   revision | number | Number of the revision shown | 报送次数
--   errors | count | Its errors | 错误数
--   queries | count | Its queries; 0 once they are lifted | 核实数
--   submission_id | code | The revision shown | 报送编号
--   latest_state | code | State of the newest revision | 最近一次状态
--   latest_submission_id | code | The newest revision | 最近一次报送编号
-- not_null: state, is_late, is_in_time, errors, queries
-- rules: As submission_status has it.
with
filed as (
    -- no filter: the engine's estimate fails on a date compared with an instant's
    select max(case when period <= cast(received_at as date) then period end) as last_period
    from submissions
),
-- nearly every report is the only one of its firm and month: only the others have to be ordered
sizes as (
    select form, credit_code, period, min(received_at) as first_received_at, count(*) as reports
    from submissions
    group by form, credit_code, period
),
sized as (
    select s.*, z.first_received_at, z.reports
    from submissions as s
    join sizes as z on z.form = s.form and z.credit_code = s.credit_code and z.period = s.period
),
sent as (
    select
        form, credit_code, period, state, received_at, first_received_at, revision, errors, queries,
        submission_id, state as latest_state, submission_id as latest_submission_id
    from sized
    where reports = 1
    union all
    select
        form, credit_code, period, state, received_at, first_received_at, revision, errors, queries,
        submission_id, latest_state, latest_submission_id
    from (
        select
            *,
            row_number() over (
                partition by form, credit_code, period
                order by is_current desc, received_at desc, revision desc, submission_id desc
            ) as place,
            first_value(state) over newest as latest_state,
            first_value(submission_id) over newest as latest_submission_id
        from sized
        where reports > 1
        window newest as (
            partition by form, credit_code, period
            order by received_at desc, revision desc, submission_id desc
        )
    )
    where place = 1
)
select
    o.period,
    o.form,
    o.credit_code,
    coalesce(f.name, d.bureau_zh) as firm_name,
    coalesce(f.zone, 'none') as zone,
    coalesce(f.chain, 'none') as chain,
    coalesce(s.state, 'missing') as state,
    s.received_at,
    s.first_received_at,
    o.deadline,
    coalesce(
        case
            when s.first_received_at is not null then s.first_received_at > o.deadline
            else o.deadline <= d.last_deadline
        end,
        false
    ) as is_late,
    coalesce(s.first_received_at <= o.deadline, false) as is_in_time,
    s.revision,
    coalesce(s.errors, 0) as errors,
    case when s.state = 'accepted' then 0 else coalesce(s.queries, 0) end as queries,
    s.submission_id,
    s.latest_state,
    s.latest_submission_id
-- of each join the side named first is held: the smaller one
from sent as s
right join (
    firms as f
    right join (
        owed as o
        cross join district as d
        join filed on o.period <= filed.last_period
    )
        on f.credit_code = o.credit_code
        and f.roster_from <= o.period
        and (f.roster_to is null or o.period <= f.roster_to)
)
    on s.form = o.form
    and s.credit_code = o.credit_code
    and s.period = o.period
where d.since is null or o.period >= d.since or s.submission_id is not null
