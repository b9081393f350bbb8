using System.Globalization;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Sources;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Writes paths of a store as NAR files. The contents are hashed while they are written, so that damage never leaves the store under a good
/// name. Safe for several threads.
/// </summary>
/// <param name="source">The store.</param>
/// <param name="skipContentsCheck">True to write also what has another hash than the registered one.</param>
public sealed class NarExporter(LocalStoreSource source, bool skipContentsCheck = false)
{
    private static int s_counter;

    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Writes several paths to files, several at once. An error with one of them is told, and the others go on.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="withClosure">Also what they need.</param>
    /// <param name="threads">Paths at once.</param>
    /// <param name="fileOf">The file for a path. Any thread.</param>
    /// <param name="overwrite">False to leave files alone that exist.</param>
    /// <param name="done">Told of each path with its file. Any thread.</param>
    /// <param name="failed">Told of each path that was not written. Any thread.</param>
    /// <param name="cancellation">Ends the work; complete files stay.</param>
    /// <exception cref="OperationCanceledException"/>
    public void Export(
        IReadOnlyCollection<StorePath> paths, bool withClosure, int threads, Func<StorePath, string> fileOf, bool overwrite,
        Action<StorePath, string, NarHash> done, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
        => EachPath.Run(source, paths, withClosure, threads, Progress, path =>
        {
            var file = fileOf(path.Info.Path);
            done(path.Info.Path, file, Write(path, file, overwrite, cancellation));
        }, failed, cancellation);

    /// <summary>Writes the archive of a path to a stream. After ContentsModified, what was written must not be used.</summary>
    /// <exception cref="NixStoreException">ContentsModified</exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    public NarHash Write(SourcePath path, Stream destination, CancellationToken cancellation)
    {
        using var hash = new HashSink();
        using var output = new StreamSink(destination);
        using var tee = new TeeSink(hash, output);
        source.Dump(path, tee, cancellation);
        tee.Flush();
        var actual = hash.Finish();
        if (!skipContentsCheck && (!actual.Hash.Equals(path.Info.NarHash) || (path.Info.NarSize != 0 && actual.Size != path.Info.NarSize)))
        {
            throw TransferErrors.ContentsModified(path.Info, actual, source.Store.Directory, source.Name);
        }

        return actual;
    }

    /// <summary>Writes the archive of a path to a file, which appears whole and durable or not at all.</summary>
    /// <param name="path">What <see cref="LocalStoreSource.Find"/> gave.</param>
    /// <param name="file">The file.</param>
    /// <param name="overwrite">False to leave a file alone that exists.</param>
    /// <param name="cancellation">Ends the work; nothing is left then.</param>
    /// <exception cref="NixStoreException">ContentsModified, FileExists, ExportFailed</exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    public NarHash Write(SourcePath path, string file, bool overwrite, CancellationToken cancellation)
    {
        if (!overwrite && File.Exists(file))
        {
            throw FileExists(file);
        }

        var temporary = string.Create(
            CultureInfo.InvariantCulture, $"{file}.tmp.{Environment.ProcessId}.{Interlocked.Increment(ref s_counter)}");
        try
        {
            NarHash written;
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                written = Write(path, stream, cancellation);
                stream.Flush(flushToDisk: true);
            }

            Move(temporary, file, overwrite);
            return written;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("ExportFailed", StoreErrorKind.WriteError, $"'{file}' cannot be written: {error.Message}", file,
                "Check that its directory exists, may be written and has space.", error);
        }
        finally
        {
            // Asked first: deleting in a directory that is not there is an error.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private static void Move(string temporary, string file, bool overwrite)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        using var parent = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        var (from, to) = (ByteName.From(Path.GetFileName(temporary)), ByteName.From(Path.GetFileName(file)));
        if (overwrite)
        {
            Posix.RenameAt(parent, from, parent, to);
        }
        else
        {
            try
            {
                Posix.RenameNoReplaceAt(parent, from, parent, to);
            }
            catch (StoreIOException error) when (error.ErrorNumber == Errno.Exists)
            {
                throw FileExists(file);
            }
        }

        Posix.Fsync(parent);
    }

    private static NixStoreException FileExists(string file) => new(
        "FileExists", StoreErrorKind.InvalidArgument, $"The file '{file}' exists already.", file, "Give another one, or -Force to replace it.");
}
