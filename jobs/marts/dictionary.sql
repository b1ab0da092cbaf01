-- mart: dictionary
-- purpose: What each column of each table is, in both languages | 数据字典：各表各列的中英文说明
-- grain: mart, position
-- inputs: mart_columns
-- columns:
--   mart | code | The table | 表
--   position | number | Place of the column in it, from 1 | 序号
--   column_name | text | The column | 列名
--   name_zh | text | What it is called in Chinese | 中文名称
--   description_en | text | What it is, in English | 英文说明
--   unit | code | Unit: month, date, time, code, text, CNY, quantity, fraction, pp, count, number or flag | 单位
--   is_key | flag | Whether it is part of the key: one row for each combination | 是否主键
--   is_required | flag | Whether it is never empty | 是否非空
--   purpose | text | What the table is for | 用途
--   inputs | text | What the table is made from, steps that are not published (int_) among it | 直接来源表（含未发布的中间表 int_）
--   rules | text | What a reader of its figures has to know; null where nothing is | 口径（英文）
--   purpose_zh | text | What the table is for, in Chinese | 中文用途
--   rules_zh | text | What a reader of its figures has to know, in Chinese; null where nothing is | 口径
--   sources | text | What it is made from in the end: published tables, the lake's, seeds, settings | 最终来源
--   sort_position | number | Place in the order of its rows, from 1; null where they are not sorted by it | 排序次序
-- not_null: column_name, name_zh, description_en, unit, is_key, is_required, purpose, inputs, purpose_zh, sources
select
    mart,
    position,
    column_name,
    name_zh,
    description_en,
    unit,
    is_key,
    is_required,
    purpose,
    inputs,
    nullif(rules, '') as rules,
    purpose_zh,
    nullif(rules_zh, '') as rules_zh,
    sources,
    sort_position
from mart_columns
