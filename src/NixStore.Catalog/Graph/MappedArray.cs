using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NixStore.Catalog.Graph;

/// <summary>
/// A file of numbers as an array, for as many threads as like: the kernel reads what is touched and drops it again when memory is short, so that
/// 14 GB can be walked on a small machine.
/// </summary>
/// <typeparam name="T">What it holds, as it is in memory (little-endian).</typeparam>
internal sealed unsafe class MappedArray<T> : IDisposable
    where T : unmanaged
{
    private const int ChunkLength = 1 << 20;

    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly T* _items;

    private MappedArray(string path, long length, FileMode mode)
    {
        Length = length;
        if (length == 0)
        {
            return;
        }

        var access = mode == FileMode.Open ? MemoryMappedFileAccess.Read : MemoryMappedFileAccess.ReadWrite;
        _file = MemoryMappedFile.CreateFromFile(path, mode, null, mode == FileMode.Open ? 0 : length * sizeof(T), access);
        _view = _file.CreateViewAccessor(0, 0, access);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _items = (T*)start;
    }

    /// <summary>Number of items.</summary>
    internal long Length { get; }

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How many items it has to have.</param>
    /// <exception cref="NixStoreException">CatalogGraphDamaged: it is not there, or of another size.</exception>
    internal static MappedArray<T> Open(string path, long length)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length == length * sizeof(T) ? new MappedArray<T>(path, length, FileMode.Open) : throw GraphErrors.Damaged(path);
    }

    /// <summary>Makes a file of zeros to be filled; it must not be there yet. Durable after <see cref="Flush"/>.</summary>
    internal static MappedArray<T> Create(string path, long length)
    {
        if (length == 0)
        {
            File.Create(path).Dispose();
        }

        return new MappedArray<T>(path, length, FileMode.CreateNew);
    }

    /// <summary>Makes a file of items that are in memory, durably; it must not be there yet.</summary>
    /// <exception cref="IOException"/>
    internal static void Write(string path, ReadOnlySpan<T> items)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        for (var at = 0; at < items.Length; at += ChunkLength)
        {
            RandomAccess.Write(file, MemoryMarshal.AsBytes(items[at..Math.Min(items.Length, at + ChunkLength)]), (long)at * sizeof(T));
        }

        RandomAccess.FlushToDisk(file);
    }

    /// <summary>One item.</summary>
    /// <exception cref="IndexOutOfRangeException"/>
    internal ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref (ulong)index < (ulong)Length ? ref _items[index] : ref OutOfRange();
    }

    /// <summary>Some items after one another.</summary>
    /// <exception cref="IndexOutOfRangeException"/>
    internal ReadOnlySpan<T> Slice(long start, int count)
    {
        if (start < 0 || count < 0 || start > Length - count)
        {
            OutOfRange();
        }

        return new ReadOnlySpan<T>(_items + start, count);
    }

    /// <summary>Makes what was written durable.</summary>
    internal void Flush() => _view?.Flush();

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    private static ref T OutOfRange() => throw new IndexOutOfRangeException();
}
