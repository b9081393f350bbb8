using System.Security.Cryptography;
using System.Text.RegularExpressions;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>A plan in its folder, opened for reading.</summary>
public sealed partial class PrunePlan
{
    private PrunePlan(string directory, BinaryCachePrunePlan summary)
    {
        Directory = directory;
        Summary = summary;
    }

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <summary>What <c>plan.json</c> says; its digest was checked.</summary>
    public BinaryCachePrunePlan Summary { get; }

    /// <summary>Opens a plan. Files are looked at by their sizes only; <see cref="Verify"/> reads them.</summary>
    /// <exception cref="NixStoreException">PrunePlanNotFound, PrunePlanDamaged, PrunePlanTooNew; errors of reading.</exception>
    public static PrunePlan Open(string directory)
    {
        var plan = new PrunePlan(directory, PrunePlanFile.Read(directory));
        foreach (var (table, part) in plan.Parts())
        {
            if (PrunePlanTable.All.All(known => known.Name != table) || !PartName().IsMatch(part.Name))
            {
                throw PlanErrors.Damaged(directory, $"it has a part '{part.Name}' of a table '{table}', which there cannot be");
            }

            var file = new FileInfo(plan.PathOf(table, part.Name));
            if (!file.Exists || file.Length != part.Bytes)
            {
                throw PlanErrors.Damaged(directory, $"{table}/{part.Name} {(file.Exists ? "has another size" : "is not there")}");
            }
        }

        return plan;
    }

    /// <summary>Reads the files and compares their digests.</summary>
    /// <exception cref="NixStoreException">PrunePlanDamaged</exception>
    /// <exception cref="OperationCanceledException"/>
    public void Verify(CancellationToken cancellation = default)
    {
        foreach (var (table, part) in Parts())
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = File.OpenRead(PathOf(table, part.Name));
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != part.Sha256)
            {
                throw PlanErrors.Damaged(Directory, $"{table}/{part.Name} has other contents than when it was made");
            }
        }
    }

    /// <summary>The files of a table.</summary>
    public IReadOnlyList<string> PathsOf(PrunePlanTable table)
        => [.. (Summary.Tables.GetValueOrDefault(table.Name) ?? []).Select(part => PathOf(table.Name, part.Name))];

    /// <summary>Lets a session show the tables as the views <c>plan_narinfos</c>, <c>plan_objects</c>, <c>plan_dangling</c>.</summary>
    /// <exception cref="DuckException"/>
    public void CreateViews(DuckSession session)
    {
        foreach (var table in PrunePlanTable.All)
        {
            CreateView(session, table, table.View);
        }
    }

    /// <summary>Lets a session show one of the tables.</summary>
    /// <exception cref="DuckException"/>
    public void CreateView(DuckSession session, PrunePlanTable table, string view) => table.CreateView(session, view, PathsOf(table));

    /// <summary>Starts an engine that has the tables as views.</summary>
    /// <exception cref="NixStoreException">LibraryNotFound; <see cref="DuckException"/></exception>
    public DuckSession OpenSession()
    {
        var session = new DuckSession(new DuckOptions { TemporaryDirectory = SpillDirectory.For(Directory) });
        try
        {
            CreateViews(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private IEnumerable<(string Table, PrunePlanPart Part)> Parts() => Summary.Tables.SelectMany(table => table.Value.Select(part => (table.Key, part)));

    private string PathOf(string table, string name) => Path.Combine(Directory, table, name);

    [GeneratedRegex(@"^[0-9]{6}\.parquet\z")]
    private static partial Regex PartName();
}
