namespace NixStore.Engine.Diagnosis;

/// <summary>
/// What is known about a tree whose hash is wrong: the problems by file, and, when a supposition gave the registered hash, the edits that
/// would put it right.
/// </summary>
/// <param name="Problems">Proved ones first, then suspects.</param>
/// <param name="Edits">Proved to give the registered hash; null when nothing was proved.</param>
/// <param name="Suspects">Files that may be the damaged ones, most suspect first.</param>
public sealed record Explanation(
    IReadOnlyList<StorePathProblem> Problems, IReadOnlyList<TreeEdit>? Edits, IReadOnlyList<SuspectFile> Suspects);

/// <summary>A file that may be damaged.</summary>
/// <param name="Path">Relative path in the store object.</param>
/// <param name="Inode">Its inode.</param>
/// <param name="LinkCount">Names of that inode.</param>
/// <param name="IsExecutable">Whether it is executable.</param>
/// <param name="Size">Bytes it has now.</param>
/// <param name="LinkName">What <c>.links</c> calls the inode: the hash that its NAR should have; null when it is not there.</param>
/// <param name="IsProved">True when the file's hash contradicts <paramref name="LinkName"/>.</param>
public sealed record SuspectFile(
    ByteString Path, ulong Inode, long LinkCount, bool IsExecutable, long Size, string? LinkName, bool IsProved);
