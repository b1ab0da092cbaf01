"""The files themselves, seen by pyarrow: types every BI tool takes, statistics, descriptions.

In: the folder of an edition and the lake. Out: checks on the tally. Says nothing about figures.
"""

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq

# What Power BI, Tableau, Qlik, DuckDB, Polars and pandas all read without a conversion.
PROVENANCE = [
    "yuebao.inputs",
    "yuebao.is_synthetic",
    "yuebao.mart",
    "yuebao.program",
    "yuebao.region_code",
]


def is_plain(kind):
    """Whether a column type is flat and common to all readers."""
    if pa.types.is_timestamp(kind):
        return kind.unit == "us" and kind.tz == "UTC"
    plain = [pa.string(), pa.bool_(), pa.int32(), pa.int64(), pa.date32()]
    return kind in plain or pa.types.is_decimal128(kind)


def columns_of(file):
    """Every column chunk of a Parquet file."""
    groups = (file.metadata.row_group(g) for g in range(file.metadata.num_row_groups))
    return [group.column(c) for group in groups for c in range(group.num_columns)]


def check_layout(tally, name, file):
    """Types, compression, statistics and page index of one file."""
    odd = [f"{f.name}: {f.type}" for f in file.schema_arrow if not is_plain(f.type)]
    tally.empty(f"{name}: flat types common to all readers", odd)
    physical = {chunk.physical_type for chunk in columns_of(file)}
    tally.check(f"{name}: no INT96", "INT96" not in physical, physical)
    packed = {chunk.compression for chunk in columns_of(file)}
    tally.check(f"{name}: zstd", packed <= {"ZSTD"}, packed)
    bare = [
        chunk.path_in_schema
        for chunk in columns_of(file)
        if not (chunk.is_stats_set and chunk.has_column_index and chunk.has_offset_index)
    ]
    tally.empty(f"{name}: statistics and page index on every column", bare)


def check_descriptions(tally, name, file):
    """Description in both languages, and unit, in the metadata of every field."""
    bare = []
    for field in file.schema_arrow:
        told = field.metadata or {}
        if not all(told.get(key) for key in (b"description", b"description_zh", b"unit")):
            bare.append(field.name)
        if field.name.endswith("_cny") and told.get(b"unit") != b"CNY":
            bare.append(field.name)
    tally.empty(f"{name}: every column described, with unit", bare)


def check_order(tally, name, file):
    """The file says what its rows are sorted by, and they are."""
    declared = [column.column_index for column in file.metadata.row_group(0).sorting_columns] if file.num_row_groups else []
    if not file.metadata.num_rows:
        return
    table = file.read()
    keys = list(zip(*(table.column(place).to_pylist() for place in declared)))
    order = [[(value is not None, value.encode() if isinstance(value, str) else value) for value in key] for key in keys]
    tally.check(f"{name}: sorted as it says", declared and order == sorted(order), declared)


def check_provenance(tally, name, file, manifest):
    """Where the file comes from, in its key-value metadata, agreeing with the manifest."""
    told = {k.decode(): v.decode() for k, v in (file.metadata.metadata or {}).items()}
    tally.empty(f"{name}: provenance keys", [k for k in PROVENANCE if not told.get(k)])
    tally.same(f"{name}: mart named", told.get("yuebao.mart"), name)
    tally.same(f"{name}: inputs as in the manifest", told.get("yuebao.inputs"), manifest["inputs"])
    tally.same(f"{name}: says that it is a sample", told.get("yuebao.is_synthetic"), "true")


def check_manifest(tally, folder, manifest):
    """Every file of the edition is listed with its size and hash, and nothing else is there."""
    listed = {entry["name"]: entry for entry in manifest["files"]}
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
    tally.same("manifest lists what is there", sorted(listed), sorted(there))
    wrong = []
    for name in sorted(there & set(listed)):
        data = (folder / name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if (len(data), digest) != (listed[name]["bytes"], listed[name]["sha256"]):
            wrong.append(name)
    tally.empty("sizes and hashes as in the manifest", wrong)


def check_marts(tally, folder, expected):
    """All checks on the marts of one edition; returns their names and row counts."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    check_manifest(tally, folder, manifest)
    rows = {e["name"].removesuffix(".parquet"): e["rows"] for e in manifest["files"] if e.get("rows") is not None}
    found = sorted(path.stem for path in folder.glob("*.parquet"))
    tally.same("the marts of jobs/marts are there", found, expected)
    for name in found:
        file = pq.ParquetFile(folder / f"{name}.parquet")
        check_layout(tally, name, file)
        check_descriptions(tally, name, file)
        check_order(tally, name, file)
        check_provenance(tally, name, file, manifest)
    return {name: rows.get(name) for name in found}


def check_lake(tally, lake):
    """Layout of every partition of the lake: one line a table."""
    for table in ("observations", "records", "submissions", "findings"):
        files = sorted((lake / table).rglob("*.parquet"))
        schemas, odd, bare, packed = set(), [], [], set()
        for path in files:
            file = pq.ParquetFile(path)
            schemas.add(file.schema_arrow.to_string(show_field_metadata=False))
            odd += [f"{f.name}: {f.type}" for f in file.schema_arrow if not is_plain(f.type)]
            packed |= {chunk.compression for chunk in columns_of(file)}
            bare += [path for chunk in columns_of(file) if not chunk.has_column_index]
        tally.same(f"lake {table}: one schema in all partitions", len(schemas), 1)
        tally.empty(f"lake {table}: flat types common to all readers", odd)
        tally.same(f"lake {table}: zstd", packed, {"ZSTD"})
        tally.empty(f"lake {table}: page index everywhere", bare)
