namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// What is set for every request, whatever the user's profile says: an answer is whole or an error, rows are where they belong when an insertion has ended, and lists may
/// be long.
/// </summary>
internal static class ClickHouseSettings
{
    /// <summary>Those that all versions know, as they are in an address.</summary>
    internal const string Common = "wait_end_of_query=1&max_query_size=268435456&max_ast_elements=10000000&max_expanded_ast_elements=10000000&insert_distributed_sync=1&skip_unavailable_shards=0"
        + "&join_use_nulls=0&distributed_aggregation_memory_efficient=1&distributed_group_by_no_merge=0&output_format_write_statistics=0"
        + "&read_overflow_mode=throw&group_by_overflow_mode=throw&sort_overflow_mode=throw&result_overflow_mode=throw&set_overflow_mode=throw&join_overflow_mode=throw"
        + "&transfer_overflow_mode=throw&distinct_overflow_mode=throw&timeout_overflow_mode=throw";

    /// <summary>Those that newer versions know; others refuse them. What a user's profile may have for other queries would cut answers off, or keep rows back.</summary>
    internal static IReadOnlyDictionary<string, string> Newer { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["limit"] = "0",
        ["offset"] = "0",
        ["read_overflow_mode_leaf"] = "throw",
        ["timeout_overflow_mode_leaf"] = "throw",
        ["additional_result_filter"] = "",
        ["async_insert"] = "0",
        ["parallel_distributed_insert_select"] = "0",
        ["insert_distributed_one_random_shard"] = "0",
    };
}
