using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using NixStore.Engine.Native;

namespace NixStore.Engine.Backups;

/// <summary>
/// The file that a backup is: a gzip file (RFC 1952) of the database, with the head as the comment that its header may have. So it is one
/// file, renamed into its place at once, and every tool that knows gzip gets the database out of it.
/// </summary>
internal static class BackupFile
{
    private const int LongestHead = 1 << 16;
    private const int ChunkSize = 1 << 17;

    /// <summary>What .NET begins a gzip file with, and what is written instead: the same with the flag FCOMMENT, made on Unix.</summary>
    private static ReadOnlySpan<byte> Start => [0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 3];

    /// <summary>Writes a backup of a database that nobody has open.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Write(FileDescriptor target, BackupHead head, string database, CancellationToken cancellation)
    {
        Posix.WriteAll(target, Start);

        // JSON as it is written here is ASCII without NUL, which is what a comment may be.
        Posix.WriteAll(target, JsonSerializer.SerializeToUtf8Bytes(head, BackupHeadJson.Default.BackupHead));
        Posix.WriteAll(target, [0]);
        using var source = Posix.Open(database, OpenFlags.ReadOnly);
        using var body = new DescriptorStream(target, skip: Start.Length);
        using var gzip = new GZipStream(body, CompressionLevel.Optimal);
        ReadChunks(new DescriptorStream(source), chunk => gzip.Write(chunk), cancellation);
    }

    /// <summary>The head of a backup.</summary>
    /// <exception cref="NixStoreException">BackupDamaged, BackupTooNew</exception>
    /// <exception cref="StoreIOException"/>
    internal static (BackupHead Head, long Size) ReadHead(string path)
    {
        using var file = Open(path);
        return (ReadHead(file), Posix.Status(file).Size);
    }

    /// <summary>Gets the database out of a backup, and makes sure that it is the one that was put in.</summary>
    /// <param name="path">The backup.</param>
    /// <param name="target">The new file for the database; null to look only.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">BackupDamaged, BackupTooNew</exception>
    /// <exception cref="StoreIOException"/>
    internal static BackupHead Extract(string path, string? target, CancellationToken cancellation)
    {
        using var file = Open(path);
        var head = ReadHead(file);
        using var output = target is null ? null : Posix.Open(target, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0b110_100_100);
        using var gzip = new GZipStream(new DescriptorStream(file), CompressionMode.Decompress);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        try
        {
            ReadChunks(gzip, Take, cancellation);
        }
        catch (InvalidDataException error)
        {
            throw Damaged(path, error.Message, error);
        }

        return length != head.DatabaseSize || Convert.ToHexStringLower(hash.GetHashAndReset()) != head.Digest
            ? throw Damaged(path, "what is in it has not the length or the digest that it should have")
            : !EndsWithLength(file, length) ? throw Damaged(path, "its end is missing")
            : head;

        void Take(ReadOnlySpan<byte> chunk)
        {
            // Bounded: a damaged file must not fill the disk.
            length += chunk.Length;
            if (length > head.DatabaseSize)
            {
                throw Damaged(path, "there is more in it than there should be");
            }

            hash.AppendData(chunk);
            if (output is not null)
            {
                Posix.WriteAll(output, chunk);
            }
        }
    }

    /// <summary>The SHA-256 of a file in base 16, and its length.</summary>
    /// <exception cref="StoreIOException"/>
    internal static (string Digest, long Size) Measure(string path, CancellationToken cancellation)
    {
        using var file = Posix.Open(path, OpenFlags.ReadOnly);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        ReadChunks(
            new DescriptorStream(file),
            chunk =>
            {
                hash.AppendData(chunk);
                length += chunk.Length;
            },
            cancellation);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), length);
    }

    /// <summary>A backup is not what it should be.</summary>
    internal static NixStoreException Damaged(string path, string why, Exception? inner = null) => new(
        "BackupDamaged", StoreErrorKind.InvalidData, $"The backup '{path}' cannot be used: {why}.", path,
        "Take another one; Get-StoreDatabaseBackup -Verify tells which are good.", inner);

    private static FileDescriptor Open(string path) => Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.NoAccessTime);

    private static BackupHead ReadHead(FileDescriptor file)
    {
        var buffer = new byte[LongestHead];
        var length = 0;
        for (int count; length < buffer.Length && (count = Posix.Pread(file, buffer.AsSpan(length), length)) > 0;)
        {
            length += count;
        }

        var start = buffer.AsSpan(0, length);
        var end = start.StartsWith(Start) ? start[Start.Length..].IndexOf((byte)0) : -1;
        if (end < 0)
        {
            throw Damaged(file.Path, "it does not begin as a backup does");
        }

        try
        {
            var text = start.Slice(Start.Length, end);

            // By itself: what a newer version has added would be called damage.
            using var json = JsonDocument.Parse(text.ToArray());
            var version = json.RootElement.GetProperty("version").GetInt32();
            return version <= BackupHead.CurrentVersion
                ? JsonSerializer.Deserialize(text, BackupHeadJson.Default.BackupHead) ?? throw new JsonException("it is null")
                : throw new NixStoreException("BackupTooNew", StoreErrorKind.NotSupported,
                    $"The backup '{file.Path}' is of version {version}; this NixStore knows {BackupHead.CurrentVersion}.", file.Path,
                    "Restore it with the NixStore that made it.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged(file.Path, $"its head cannot be read ({error.Message})", error);
        }
    }

    /// <summary>A gzip file ends with the length of its contents; .NET does not miss an end that was cut off.</summary>
    private static bool EndsWithLength(FileDescriptor file, long length)
    {
        var end = new byte[sizeof(uint)];
        return Posix.Pread(file, end, Posix.Status(file).Size - end.Length) == end.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(end) == unchecked((uint)length);
    }

    private static void ReadChunks(Stream source, Action<ReadOnlySpan<byte>> take, CancellationToken cancellation)
    {
        var buffer = new byte[ChunkSize];
        for (int count; (count = source.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            take(buffer.AsSpan(0, count));
        }
    }
}
