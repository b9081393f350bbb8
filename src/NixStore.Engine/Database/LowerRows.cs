using System.Text;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Database;

/// <summary>Makes a connection to an overlay store's database see the lower store's rows too, as lower.sql says.</summary>
internal sealed class LowerRows : IDisposable
{
    private readonly DatabaseAccess _access;

    private LowerRows(DatabaseAccess access) => _access = access;

    /// <inheritdoc cref="DatabaseAccess.IsUnchanged"/>
    internal bool IsUnchanged => _access.IsUnchanged;

    /// <summary>Attaches the lower store's database. It is read by the same rules as any other, so rows in its log are seen.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    internal static LowerRows Attach(SqliteConnection connection, StoreLocation lower, DatabaseFiles files)
    {
        SchemaFile.EnsureReadable(lower);
        var access = DatabaseAccess.For(lower, files);
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = "pragma temp_store = memory; attach $lower as lower";
            command.Parameters.AddWithValue("$lower", access.Uri);
            command.ExecuteNonQuery();
            command.CommandText = Script();
            command.ExecuteNonQuery();
            return new LowerRows(access);
        }
        catch (Exception error)
        {
            access.Dispose();
            if (error is SqliteException refused)
            {
                throw StoreDatabaseException.From(refused, lower.DatabasePath);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _access.Dispose();

    private static string Script()
    {
        using var resource = typeof(LowerRows).Assembly.GetManifestResourceStream("lower.sql")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
