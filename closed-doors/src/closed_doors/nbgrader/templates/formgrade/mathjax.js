// MathJax reads this before it starts. Formulas come from students too: Safe, named in its address, keeps out what runs.
window.MathJax = {
  tex2jax: {
    inlineMath: [["$", "$"], ["\\(", "\\)"]],
    displayMath: [["$$", "$$"], ["\\[", "\\]"]],
    processEscapes: true,
    processEnvironments: true,
  },
  displayAlign: "center",
  messageStyle: "none",
  showMathMenu: false,
  "HTML-CSS": {
    // The only font that jupyter_server_mathjax ships.
    availableFonts: [],
    preferredFont: null,
    webFont: "STIX-Web",
    imageFont: null,
    // MathJax's own blank font has an address that today's browsers refuse, with an error in the console.
    styles: { "@font-face": { "font-family": "MathJax_Blank", src: "local('MathJax_Blank')" } },
  },
};
