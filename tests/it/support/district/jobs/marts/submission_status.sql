-- mart: submission_status
-- purpose: Who owes which report for which month, and what became of it
-- grain: period, form, credit_code
-- inputs: owed, submissions, firms
-- looks_ahead: no
-- columns:
--   period | month | Month to be reported, its first day | 报告期
--   form | code | Form number | 表号
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   state | code | missing, accepted where a report counts, else sent | 状态
--   submission_id | code | The report that counts | 报送编号
--   revisions | number | How many were sent | 版本数
--   zone | code | Key of zones.csv; null for none | 开发区
--   deadline | time | Deadline of the calendar | 截止时间
-- not_null: state
-- accepted state: missing, accepted, sent
with
sent as (
    select
        period, form, credit_code,
        count(*) as revisions,
        max(case when is_current then submission_id end) as submission_id
    from submissions
    group by period, form, credit_code
)
select
    o.period,
    o.form,
    o.credit_code,
    case
        when s.submission_id is not null then 'accepted'
        when s.revisions is null then 'missing'
        else 'sent'
    end as state,
    s.submission_id,
    cast(s.revisions as int) as revisions,
    f.zone,
    o.deadline
from owed as o
join firms as f on f.credit_code = o.credit_code and f.roster_from <= o.period
left join sent as s on s.form = o.form and s.credit_code = o.credit_code and s.period = o.period
