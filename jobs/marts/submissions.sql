-- mart: submissions
-- purpose: Every report received, whatever became of it | 收到的全部报表及其结果
-- grain: submission_id
-- inputs: submissions
-- columns:
--   submission_id | code | Key of a report: its workbook's bytes, which report of it, which receipt | 报送编号
--   period | month | Month reported, its first day; null where nobody can tell | 报告期
--   form | code | Form number; null where nobody can tell | 表号
--   edition | text | Edition of the form by its 文号; null where that is not known | 报表版本
--   credit_code | code | Unified social credit code as the report counts; null where nobody can tell | 统一社会信用代码
--   firm_name | text | Name of the firm as typed | 单位名称
--   file_name | text | The workbook as it was received | 文件名
--   sha256 | code | SHA-256 of its bytes | 文件校验值
--   received_at | time | When it came | 收到时间
--   revision | number | Number of the report among those of its form, firm and month, from 1 | 版本号
--   layout | code | sheet, table or ledger; null where nothing could be read | 版式
--   state | code | What became of it | 状态
--   state_zh | text | The same in Chinese | 状态中文
--   errors | count | Findings that refuse it | 强制性错误数
--   queries | count | Findings that ask for an explanation | 核实性错误数
--   explanation | text | What the firm explained | 核实说明
--   reported_on | date | The day the firm says it reported | 报出日期
--   is_current | flag | Whether it counts: the newest accepted one of its form, firm and month | 是否采用
--   has_counted | flag | Whether it counted when it came, until another one did | 是否曾采用
-- not_null: file_name, sha256, received_at, revision, state, state_zh, errors, queries, is_current, has_counted
-- accepted state: accepted, queried, refused, unreadable
-- accepted layout: sheet, table, ledger
-- reconcile one_report_counts_for_a_firm_and_month:
--   select period, form, credit_code from this where is_current
--   group by period, form, credit_code having count(*) > 1
-- rules: `submissions` here is the table of the lake. Whoever owes a report and sent none is in
--   submission_status.
--   | 此处 submissions 指数据湖的表。应报未报的见 submission_status。
select
    submission_id,
    period,
    form,
    edition,
    credit_code,
    firm_name,
    file_name,
    sha256,
    received_at,
    revision,
    layout,
    state,
    case state
        when 'accepted' then '通过'
        when 'queried' then '待核实'
        when 'refused' then '退回'
        else '无法读取'
    end as state_zh,
    errors,
    queries,
    explanation,
    reported_on,
    is_current,
    has_counted
from submissions
