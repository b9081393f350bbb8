using System.Management.Automation;
using Microsoft.Data.Sqlite;

namespace OtherSqlite;

/// <summary>Says which SQLite this module has.</summary>
[Cmdlet(VerbsCommon.Get, "OtherSqlite")]
public sealed class GetOtherSqliteCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        WriteObject(new SqliteUse(typeof(SqliteConnection).Assembly.GetName().Version!, connection.ServerVersion));
    }
}

/// <summary>Versions of the managed and the native part.</summary>
/// <param name="AssemblyVersion">Of Microsoft.Data.Sqlite.</param>
/// <param name="SqliteVersion">Of SQLite itself.</param>
public sealed record SqliteUse(Version AssemblyVersion, string SqliteVersion);
