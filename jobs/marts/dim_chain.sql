-- mart: dim_chain
-- purpose: The industrial chains | 产业链
-- grain: chain
-- inputs: chains
-- columns:
--   chain | code | Key | 产业链
--   name_zh | text | Name in Chinese | 中文名称
--   name_en | text | Name in English | 英文名称
-- not_null: name_zh, name_en
select chain, name_zh, name_en
from chains
