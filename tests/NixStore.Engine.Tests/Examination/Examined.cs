using Microsoft.Data.Sqlite;
using NixStore.Engine.Examination;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>Examines stores, and sees to it that looking changes nothing.</summary>
internal static class Examined
{
    /// <summary>What is found.</summary>
    /// <param name="store">The store.</param>
    /// <param name="checkContents">Reads contents, too.</param>
    /// <param name="exceptions">Ends of names of files that may change.</param>
    internal static List<StoreDatabaseFinding> Of(StoreLocation store, bool checkContents = false, params string[] exceptions)
    {
        var untouched = Untouched.Of(store, exceptions);
        var findings = new List<StoreDatabaseFinding>();
        DatabaseExaminer.Examine(
            store, new DatabaseExaminationOptions { CheckContents = checkContents, Workers = 2 }, findings.Add, new ExaminationProgress(), CancellationToken.None);
        untouched.Verify();
        Assert.All(findings, finding => Assert.Equal((store.Url, true), (finding.Store, finding.Detail.Length > 0)));
        return findings;
    }

    /// <summary>The kinds of what is found, each once.</summary>
    internal static IEnumerable<StoreDatabaseFindingKind> KindsOf(StoreLocation store, bool checkContents = false)
        => Of(store, checkContents).Select(finding => finding.Kind).Distinct().Order();

    /// <summary>A store in which nothing is found.</summary>
    internal static SmallStore NewStore(params string[] paths)
    {
        var store = new SmallStore(paths);
        File.WriteAllText($"{store.Location.StateDirectory}/db/reserved", "room");
        return store;
    }

    /// <summary>Runs SQL on a store's database, without regard to foreign keys, by a connection that is closed again.</summary>
    internal static void Sql(StoreLocation store, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={store.DatabasePath};Pooling=False;Foreign Keys=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
