using System.Globalization;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Database;

/// <summary>The file <c>db/schema</c>: the number of the store's schema in decimal, without a newline (STORE-SPEC §1).</summary>
public static class SchemaFile
{
    /// <summary>The schema that this product and all current Nix know.</summary>
    public const int Current = 10;

    /// <summary>The number; null when the file is missing or unreadable as a number.</summary>
    /// <exception cref="StoreIOException"/>
    public static int? Read(StoreLocation store)
    {
        using var file = Posix.TryOpenAt(
            FileDescriptor.WorkingDirectory, ByteName.From(store.SchemaPath), OpenFlags.ReadOnly | OpenFlags.NoAccessTime, 0, out var error);
        if (file is null)
        {
            return error == Errno.NoEntry ? null : throw new StoreIOException("open", store.SchemaPath, error);
        }

        var text = Encoding.ASCII.GetString(Posix.ReadAll(file)).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Refuses a schema that is newer than what this product knows; a missing or damaged file is no obstacle for reading.</summary>
    /// <exception cref="StoreDatabaseException">SchemaTooNew</exception>
    public static void EnsureReadable(StoreLocation store)
    {
        if (Read(store) is { } number and > Current)
        {
            throw new StoreDatabaseException("SchemaTooNew", StoreErrorKind.NotSupported,
                $"The store {store.Url} has schema {number}; this version of NixStore knows up to {Current}.", store.SchemaPath,
                "Update NixStore, or use the Nix that made the store.");
        }
    }

    /// <summary>Refuses to write to a store whose schema is not exactly the known one.</summary>
    /// <exception cref="StoreDatabaseException">SchemaTooNew, SchemaDamaged</exception>
    public static void EnsureWritable(StoreLocation store)
    {
        EnsureReadable(store);
        if (Read(store) != Current)
        {
            throw new StoreDatabaseException("SchemaDamaged", StoreErrorKind.InvalidData,
                $"The schema file of the store {store.Url} is missing, damaged or of an old store.", store.SchemaPath,
                $"When the database is of the current schema, write the two characters {Current} into '{store.SchemaPath}'.");
        }
    }

    /// <summary>Writes the current number, by a rename.</summary>
    /// <param name="store">The store.</param>
    /// <param name="directory">Its open directory <c>db</c>.</param>
    /// <exception cref="StoreIOException"/>
    internal static void Write(StoreLocation store, FileDescriptor directory)
    {
        var temporary = ByteName.From("schema.new");
        using (var file = Posix.OpenAt(directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0b110_100_100))
        {
            Posix.WriteAll(file, Encoding.ASCII.GetBytes(Current.ToString(CultureInfo.InvariantCulture)));
            if (Posix.EffectiveUserId == 0 && Posix.TryStatus(store.DatabasePath, out var owner, out _))
            {
                Posix.FchownAt(directory, temporary, owner.Owner, owner.Group);
            }

            Posix.Fsync(file);
        }

        Posix.RenameAt(directory, temporary, directory, ByteName.From("schema"));
        Posix.Fsync(directory);
    }
}
