using NixStore.Engine.Native;

namespace NixStore.Engine.Trees;

/// <summary>Gets what a <see cref="TreeStatWalker"/> finds.</summary>
internal interface ITreeVisitor
{
    /// <summary>Any file, directories and the root of the tree included.</summary>
    void Visit(in FileStatus status);

    /// <summary>Something could not be looked at; it and what is below it is left out.</summary>
    void Failed(NixStoreException error);
}
