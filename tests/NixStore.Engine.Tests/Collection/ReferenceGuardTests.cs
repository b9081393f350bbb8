using Microsoft.Data.Sqlite;
using NixStore.Engine.Collection;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Collection;

/// <summary>References that the database has lost, of every path of a store that real Nix built.</summary>
public sealed class ReferenceGuardTests
{
    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Whatever_path_loses_all_its_references_nothing_that_it_needs_is_garbage_without_a_refusal(bool keepDerivations, bool keepOutputs)
        => LoseEach(new LivenessSettings(keepDerivations, keepOutputs), isSingle: false, _ => true);

    [SkippableFact]
    public void Whatever_derivation_loses_a_single_reference_nothing_that_it_needs_is_garbage_without_a_refusal()
        => LoseEach(new LivenessSettings(), isSingle: true, path => path.EndsWith(".drv", StringComparison.Ordinal));

    [SkippableFact]
    public void A_derivation_may_discard_references()
    {
        using var lab = LabStore.Signed();
        Sql(lab.Location, $"delete from Refs where referrer = (select id from ValidPaths where path = '{lab.PathOf("app-2.0")}')");
        Assert.NotNull(Refusal(lab.Location));

        // As the derivation of a disk image says.
        File.AppendAllText(lab.Location.RealDirectory + "/" + Path.GetFileName(lab.PathOf("app-2.0.drv")), "unsafeDiscardReferences");

        Assert.Null(Refusal(lab.Location));
    }

    [SkippableFact]
    public void Damaged_columns_alone_refuse_nothing()
    {
        using var lab = LabStore.Signed();
        Sql(lab.Location, $"update ValidPaths set ca = 'fixed:sha999:zz' where path = '{lab.PathOf("fod-flat.txt")}'");
        Sql(lab.Location, $"update ValidPaths set ca = 'text:sha256:{new string('0', 52)}' where path = '{lab.PathOf("LICENSE")}'");

        Assert.Null(Refusal(lab.Location));
    }

    [Fact]
    public void A_path_that_is_there_but_not_registered_is_garbage_that_may_be_needed()
    {
        using var store = new SmallStore("dead");
        store.Write("unregistered", []);
        var needing = store.Write("needing", [SmallStore.PathOf("unregistered")]).Info;
        using (var writer = StoreDatabaseWriter.Open(store.Location, CancellationToken.None))
        {
            writer.Register([new PathRegistration(needing with { References = [] })]);
        }

        File.CreateSymbolicLink(Directory.CreateDirectory($"{store.Location.StateDirectory}/gcroots").FullName + "/root", store.Full("needing"));

        var error = Refusal(store.Location);

        Assert.Equal(("ReferencesMissing", store.Full("needing")), (error?.ErrorId, error?.Target));
        Assert.Contains(store.Full("unregistered"), error!.Message, StringComparison.Ordinal);
    }

    private static void LoseEach(LivenessSettings settings, bool isSingle, Func<string, bool> isMeant)
    {
        using var lab = LabStore.Signed();
        var alive = LiveNames(Survey(lab.Location, settings)).ToHashSet(StringComparer.Ordinal);
        var references = Rows(lab.Location);
        var (refused, harmless) = (0, 0);
        foreach (var (referrer, reference, _) in references.Where(row => isMeant(row.Path)).DistinctBy(row => (row.Referrer, isSingle ? row.Reference : 0)))
        {
            var lost = references.Where(row => row.Referrer == referrer && (!isSingle || row.Reference == reference)).ToList();
            Sql(lab.Location, string.Concat(lost.Select(row => $"delete from Refs where referrer = {row.Referrer} and reference = {row.Reference};")));

            var needed = Survey(lab.Location, settings).Garbage.Items.Any(item => alive.Contains(item.Path));
            var error = Refusal(lab.Location, settings);
            Assert.True(!needed || error?.ErrorId == "ReferencesMissing", $"{lost[0].Path} lost its references, and what it needs would be deleted");

            // A derivation names its outputs, too: they are a reason to refuse where it is certain that references are lost.
            Assert.True(needed || error is null || lost[0].Path.EndsWith(".drv", StringComparison.Ordinal), error?.Message);
            (refused, harmless) = error is null ? (refused, harmless + 1) : (refused + 1, harmless);

            Sql(lab.Location, string.Concat(lost.Select(row => $"insert into Refs values ({row.Referrer}, {row.Reference});")));
        }

        Assert.True((refused > 0 || settings.KeepOutputs) && harmless > 0, $"{refused} refused, {harmless} harmless");
    }

    private static NixStoreException? Refusal(StoreLocation store, LivenessSettings? settings = null)
    {
        using var database = StoreDatabaseWriter.Open(store, CancellationToken.None);
        var survey = Survey(StoreGraph.Load(database, CancellationToken.None), settings);
        return Record.Exception(() => ReferenceGuard.EnsureNoneMissing(survey, database, 2, CancellationToken.None)) as NixStoreException;
    }

    private static StoreSurvey Survey(StoreLocation store, LivenessSettings? settings = null)
    {
        using var database = StoreDatabase.OpenForReading(store);
        return Survey(StoreGraph.Load(database, CancellationToken.None), settings);
    }

    /// <summary>Without runtime roots: other tests run programs of stores with the same paths.</summary>
    private static StoreSurvey Survey(StoreGraph graph, LivenessSettings? settings)
    {
        var roots = new RootScanner(graph.Store, path => graph.Find(path) >= 0).FindPermanent(CancellationToken.None);
        return StoreSurvey.Make(graph, roots, settings ?? new LivenessSettings(), DirectorySurvey.Read(graph, CancellationToken.None));
    }

    private static IEnumerable<string> LiveNames(StoreSurvey survey) => Enumerable.Range(0, survey.Graph.Count).Where(survey.Live.Contains).Select(survey.Graph.PathOf);

    private static List<(long Referrer, long Reference, string Path)> Rows(StoreLocation store)
    {
        using var connection = Open(store);
        using var command = connection.CreateCommand();
        command.CommandText = "select referrer, reference, path from Refs join ValidPaths on id = referrer";
        using var reader = command.ExecuteReader();
        var rows = new List<(long, long, string)>();
        while (reader.Read())
        {
            rows.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)));
        }

        return rows;
    }

    private static void Sql(StoreLocation store, string sql)
    {
        using var connection = Open(store);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(StoreLocation store)
    {
        var connection = new SqliteConnection($"Data Source={store.DatabasePath};Pooling=False");
        connection.Open();
        return connection;
    }
}
