using System.Globalization;

namespace NixStore.Catalog.DuckDB;

/// <summary>What an engine may use of the machine.</summary>
public sealed record DuckOptions
{
    /// <summary>The variable that sets <see cref="MemoryLimit"/>, in DuckDB's notation.</summary>
    public const string MemoryVariable = "NIXSTORE_CATALOG_MEMORY";

    /// <summary>
    /// Memory, as DuckDB writes it (<c>4GB</c>). What does not fit goes to <see cref="TemporaryDirectory"/>. Default: a fifth of the machine's, since
    /// what is mapped of graphs and read of catalogs is the kernel's and wants the rest; but up to 2 GiB also half of it.
    /// </summary>
    public string MemoryLimit { get; init; } = Environment.GetEnvironmentVariable(MemoryVariable) is { Length: > 0 } given ? given
        : string.Create(CultureInfo.InvariantCulture, $"{DefaultOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) >> 20}MiB");

    /// <summary>Where it may put what does not fit into memory. It is made when it is needed and removed at the end.</summary>
    public required string TemporaryDirectory { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    private static long DefaultOf(long machine) => Math.Max(machine / 5, Math.Min(machine / 2, 2L << 30));
}
