-- mart: int_ledger_rows
-- purpose: Which row of which ledger holds for a key, and until which month another one says so
-- grain: form, period, record_key
-- inputs: records, submissions
-- columns:
--   form | code | Form number | 表号
--   period | month | Month of the ledger that mentions the key | 报告期
--   record_key | code | What the row is known by | 编号
--   submission_id | code | The ledger | 报送编号
--   replaced_in | month | The next month whose ledger mentions the key; null where none does | 被替代的报告期
-- not_null: submission_id
-- reconcile one_ledger_counts:
--   select form, period, record_key from this group by form, period, record_key having count(*) > 1
-- rules: A ledger is a running list: a row that later ledgers do not mention stays as it was. Of a month
--   the ledger that counts is the newest accepted one, as with every report.
select
    form,
    period,
    record_key,
    submission_id,
    lead(period) over (partition by form, record_key order by period) as replaced_in
from (
    select distinct r.form, r.period, r.record_key, r.submission_id
    from records as r
    join submissions as s
        on s.submission_id = r.submission_id and s.form = r.form and s.period = r.period
    where s.is_current
) as counted
