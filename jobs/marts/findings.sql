-- mart: findings
-- purpose: Every finding about a report, with the state of the report and whether it was explained | 逐条审核发现，附报表状态和是否已核实说明
-- grain: finding_no
-- inputs: findings, submissions
-- columns:
--   finding_no | number | Number of the finding within this edition | 序号
--   period | month | Month of the report, its first day; null where nobody can tell | 报告期
--   submission_id | code | The report; key of the mart submissions | 报送编号
--   code | code | The check (H4, Q1, F08, ...) | 审核编号
--   severity | code | error refuses, query asks for an explanation, note informs | 级别
--   severity_zh | text | The same in Chinese | 级别中文
--   form | code | Form number | 表号
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item of the figure it is about | 指标
--   measure | code | month, ytd, prior_month or prior_ytd | 栏目
--   sheet | text | The sheet it is about | 工作表
--   cell | text | The cell it is about | 单元格
--   value | text | What stood there | 填报值
--   expected | text | What was expected | 应为
--   message_zh | text | What is so, in Chinese | 说明
--   message_en | text | What is so, in English | 英文说明
--   state | code | State of its report | 报送状态
--   is_current | flag | Whether its report counts | 报送是否采用
--   is_explained | flag | A query whose report was accepted because of an explanation | 是否已核实
-- not_null: submission_id, code, severity, severity_zh, message_zh, message_en, state, is_current, is_explained
-- accepted severity: error, query, note
-- accepted state: accepted, queried, refused, unreadable
-- reconcile nothing_that_counts_bears_an_error:
--   select submission_id, code from this where is_current and severity = 'error'
-- rules: `findings` here is the table of the lake. The share of queries that were explained (核实率) is
--   is_explained over all rows of severity query.
--   | 此处 findings 指数据湖的表。核实率 = 严重程度为 query 的行中 is_explained 所占比例。
select
    cast(row_number() over (
        order by s.period, s.form, s.credit_code, s.received_at, f.submission_id, f.code, f.sheet,
            f.cell, f.item, f.measure, f.message_zh
    ) as int) as finding_no,
    s.period,
    f.submission_id,
    f.code,
    f.severity,
    case f.severity when 'error' then '强制性' when 'query' then '核实性' else '提示' end as severity_zh,
    f.form,
    f.credit_code,
    f.item,
    f.measure,
    f.sheet,
    f.cell,
    f.value,
    f.expected,
    f.message_zh,
    f.message_en,
    s.state,
    s.is_current,
    f.severity = 'query' and s.state = 'accepted' as is_explained
from findings as f
join submissions as s on s.submission_id = f.submission_id
