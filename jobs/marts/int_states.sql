-- mart: int_states
-- purpose: Who owes a form for a month or has a report of it that counts, and how far that is in
-- grain: form, period, credit_code
-- inputs: owed, district, submissions, int_figures
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   is_due | flag | Whether the firm owes the form | 是否应报
--   is_received | flag | Whether any report came, whatever became of it | 是否已报
--   is_counted | flag | Whether a report counts | 是否通过
-- not_null: is_due, is_received, is_counted
-- rules: Due is who owes the form (see owed); before the month `since` of the settings only who sent
--   something.
with
due as (
    select o.form, o.period, o.credit_code
    from (select distinct form, period, credit_code from submissions) as s
    right join (owed as o cross join district as d)
        on s.form = o.form and s.period = o.period and s.credit_code = o.credit_code
    where d.since is null or o.period >= d.since or s.credit_code is not null
),
marks as (
    select form, period, credit_code, true as is_due, false as is_received, false as is_counted
    from due
    union all
    select form, period, credit_code, false, true, false
    from submissions
    union all
    select form, period, credit_code, false, false, true
    from int_figures
)
select
    form,
    period,
    credit_code,
    bool_or(is_due) as is_due,
    bool_or(is_received) as is_received,
    bool_or(is_counted) as is_counted
from marks
group by form, period, credit_code
having bool_or(is_due) or bool_or(is_counted)
